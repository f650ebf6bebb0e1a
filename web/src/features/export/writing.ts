// SPDX-License-Identifier: EUPL-1.2
// [UX-21] A conversation as a file: text for any program, or a page for any browser. Each message keeps its
// author and its hour.
import type { Item, Message } from '../../core/timeline.ts';
import type { Text } from '../../i18n/text.ts';
import { plainSentenceOf } from '../conversation/happenings.ts';
import { wordsShown } from '../conversation/html.ts';

export type Format = 'html' | 'text';

export interface Conversation {
  readonly name: string;
  /** Of two people: it is no room. */
  readonly direct: boolean;
  readonly items: readonly Item[];
}

function wordsOf({ content }: Message, { t }: Text): string {
  // What was shown, which what is said beside it for other programs may contradict.
  if ('text' in content) return (content.html && wordsShown(content.html, content.people)) || content.text;
  switch (content.kind) {
    case 'file':
      return content.name;
    case 'poll':
      return [content.poll.question, ...content.poll.answers.map((answer) => `- ${answer.text}`)].join('\n');
    case 'deleted':
      return t('talk.deleted');
    default:
      return t('talk.locked', { count: 1 });
  }
}

function lineOf(item: Item, direct: boolean, text: Text): { who: string; words: string } {
  if (item.type === 'message') {
    const { sender, replyTo, doubt } = item;
    const answer = replyTo?.sender ? `${text.t('talk.replyTo', { name: replyTo.sender })} ` : '';
    // Names are chosen, and two people may bear one: who reads the file has nothing else to tell them apart.
    const marks = [sender.id, sender.external && text.t('extern.badge'), doubt && text.t(`doubt.${doubt}`)];
    const who = `${sender.name} (${marks.filter(Boolean).join(', ')})`;
    return { who, words: answer + wordsOf(item, text) };
  }
  const { what: _, ...rest } = item.happening;
  return { who: '', words: text.t(plainSentenceOf(item.happening, direct), { by: item.by, ...rest }) };
}

/** Names are of whoever bears them: none of them begins a line, and with it a message of another's. */
const onOneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
const indented = (text: string): string => text.replaceAll(/\r\n?|[\n\v\f\u0085\p{Zl}\p{Zp}]/gu, '\n    ');

export function asText(conversations: readonly Conversation[], text: Text): string {
  return conversations
    .map(({ name, direct, items }) =>
      [
        onOneLine(name),
        '='.repeat([...onOneLine(name)].length),
        ...items.map((item) => {
          const { who, words } = lineOf(item, direct, text);
          const said = who ? `${onOneLine(who)} : ${indented(words)}` : `— ${onOneLine(words)}`;
          return `[${text.moment(item.at)}] ${said}`;
        }),
        '',
      ].join('\n'),
    )
    .join('\n');
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE =
  'body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}' +
  'p{margin:0 0 .75rem;white-space:pre-wrap}time{color:#555;font-size:.875em}';

/** A page that loads nothing and runs nothing. */
export function asHtml(conversations: readonly Conversation[], text: Text): string {
  const parts = conversations.map(({ name, direct, items }) => {
    const rows = items.map((item) => {
      const { who, words } = lineOf(item, direct, text);
      const author = who ? `<b>${escape(who)}</b> ` : '';
      const time = `<time datetime="${new Date(item.at).toISOString()}">${escape(text.moment(item.at))}</time>`;
      return `<p>${author}${time}\n${escape(words)}</p>`;
    });
    return `<section>\n<h1>${escape(name)}</h1>\n${rows.join('\n')}\n</section>`;
  });
  return (
    `<!doctype html>\n<html lang="${text.language}">\n<head>\n<meta charset="utf-8">\n` +
    `<title>${escape(text.t('export.heading'))}</title>\n<style>${STYLE}</style>\n</head>\n` +
    `<body>\n${parts.join('\n')}\n</body>\n</html>\n`
  );
}
