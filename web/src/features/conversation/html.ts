// SPDX-License-Identifier: EUPL-1.2
// HTML in and out. What others sent goes through DOMPurify with the specification's allow-list before it
// becomes part of the page; its TrustedHTML is the only HTML that the policy lets in.
import DOMPurify from 'dompurify';
import type { Mentioned } from '../../core/timeline.ts';

/** Longer texts are shown without their layout: sanitising must not freeze the page (WEB-04). */
const LONGEST = 65_536;

const TAGS = (
  'font del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table ' +
  'thead tbody tr th td caption pre span details summary'
).split(' ');
const LINK = /^(?:https?|mailto|matrix):/i;
const TO = 'https://matrix.to/#/';
const MENTION = `${TO}@`;
/** Signs that are not seen, and turn what is around them. */
const TURNING = /\p{Bidi_Control}/u;

/** Of the text that is being cleaned to be shown: how those are called whom its links lead to. Undefined:
 * what is being cleaned is to be sent, and its links stay as they are. */
let names: ReadonlyMap<string, string> | undefined;

// The one instance: the policy lets one of its name be made.
DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A' || !names) return;
  const href = node.getAttribute('href');
  if (!href) return;
  if (href.startsWith(MENTION)) {
    const id = personOf(href);
    node.removeAttribute('href');
    node.className = 'talk__mention';
    node.setAttribute('title', id);
    node.textContent = `@${names.get(id) ?? id.slice(1)}`;
    return;
  }
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  node.setAttribute('target', '_blank');
  node.setAttribute('title', href);
  const text = node.textContent ?? '';
  const place = placeOf(href);
  if (place && !says(text, place)) node.append(` (${place})`);
});

function personOf(href: string): string {
  const part = href.slice(TO.length).split(/[?/]/)[0] ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The host that a link leads to, look-alike letters written out, or the address that it writes to. */
function placeOf(href: string): string | undefined {
  try {
    const { protocol, host, pathname } = new URL(href);
    return protocol === 'mailto:' ? decodeURIComponent(pathname) : host || undefined;
  } catch {
    return undefined;
  }
}

/** The text of a link is its sender's: only one that is itself the address, as far as the host, says where it
 * leads. */
function says(text: string, place: string): boolean {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:)/, '');
  const after = plain.slice(place.length);
  return plain.startsWith(place.toLowerCase()) && /^(?:$|[/?#])/.test(after) && !TURNING.test(plain);
}

/** Undefined: too long, or nothing is left; the plain text is shown instead. `people`: the names of those whom
 * it links to, who are shown by their identifier otherwise. */
export function cleanHtml(html: string, people: readonly Mentioned[] = []): string | undefined {
  if (html.length > LONGEST) return undefined;
  names = new Map(people.map(({ id, name }) => [id, name]));
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start', 'data-mx-spoiler'],
    ALLOWED_URI_REGEXP: LINK,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    FORBID_CONTENTS: ['mx-reply', 'script', 'style', 'textarea', 'title'],
    RETURN_TRUSTED_TYPE: true,
  }) as unknown as string;
  names = undefined;
  return String(clean).trim() ? clean : undefined;
}

const BLOCKS = new Set(
  'H1 H2 H3 H4 H5 H6 BLOCKQUOTE P UL OL LI HR DIV TABLE TR CAPTION PRE DETAILS SUMMARY'.split(' '),
);

function written(node: Node, asIs: boolean): string {
  const { nodeName, nodeType } = node;
  if (nodeType === Node.TEXT_NODE) {
    const text = node.textContent ?? '';
    return asIs ? text : text.replaceAll(/\s+/g, ' ');
  }
  if (nodeName === 'BR') return '\n';
  let inside = '';
  for (const child of node.childNodes) inside += written(child, asIs || nodeName === 'PRE');
  if (nodeName === 'TD' || nodeName === 'TH') return `${inside} `;
  return BLOCKS.has(nodeName) ? `\n${nodeName === 'LI' ? '- ' : ''}${inside}\n` : inside;
}

/** The words of what the page shows of it, in its lines. Undefined where it shows the plain text. */
export function wordsShown(html: string, people: readonly Mentioned[] = []): string | undefined {
  const clean = cleanHtml(html, people);
  if (!clean) return undefined;
  const template = document.createElement('template');
  template.innerHTML = clean;
  return written(template.content, false)
    .replaceAll(/ *\n[\s]*\n/g, '\n')
    .trim();
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A text that Markdown leaves as it is. */
const literally = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+\-.!|~:]/g, '\\$&');

/** All at once: a name may begin like another, and holds what it likes. */
function withLinks(source: string, mentions: readonly Mentioned[]): string {
  const links = new Map(
    mentions.map(({ id, name }) => [
      `@${escape(name)}`,
      `[@${literally(escape(name))}](https://matrix.to/#/${encodeURIComponent(id).replace('%40', '@')})`,
    ]),
  );
  if (links.size === 0) return source;
  const names = [...links.keys()].toSorted((a, b) => b.length - a.length);
  const any = new RegExp(
    names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
  return source.replaceAll(any, (name) => links.get(name) ?? name);
}

/** Without any of these, a text is what Markdown makes of it. */
const SIGNS = /[*_~`#<>&[\]\\|@=+]|:\/\/|www\.|^[ \t]*(?:-|\d+[.)])|^(?: {4}|\t)|\n\s*\n/im;

/** HTML of what was typed as Markdown; undefined when it has no layout at all, or when what reads it cannot be
 * had: the text leaves as it was typed. What looks like HTML in it is text. Mentions become links to the
 * person. Never rejects. */
export async function layOut(text: string, mentions: readonly Mentioned[]): Promise<string | undefined> {
  if (!SIGNS.test(text)) return undefined;
  const markdown = await import('./markdown.ts').catch(() => undefined);
  if (!markdown) return undefined;
  const html = markdown.htmlOf(withLinks(escape(text), mentions));
  const plain = html.replace(/^<p>/, '').replace(/<\/p>$/, '');
  if (!/<(?!br)/.test(plain)) return undefined;
  return String(cleanHtmlForSending(html)).trim() || undefined;
}

const UNESCAPED: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);
const unescape = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (all) => UNESCAPED.get(all) ?? all);

/** Whom a message mentions that was laid out here. */
export function mentionsIn(html: string | undefined): Mentioned[] {
  const links = html?.matchAll(/<a href="https:\/\/matrix\.to\/#\/(@[^"<>]+)"[^<>]*>@([^<>]+)<\/a>/g) ?? [];
  return [...links].flatMap(([, id = '', name = '']) => {
    try {
      return [{ id: decodeURIComponent(id), name: unescape(name) }];
    } catch {
      return [];
    }
  });
}

function cleanHtmlForSending(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    ALLOWED_URI_REGEXP: LINK,
  });
}
