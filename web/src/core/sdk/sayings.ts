// SPDX-License-Identifier: EUPL-1.2
// What an event says to the index of messages. Pure.
import type { MatrixEvent } from 'matrix-js-sdk';
import { attachmentOf, isFile, safeName } from '../file-events.ts';
import type { Saying } from '../search/shard.ts';
import { momentOf, str } from '../unchecked.ts';
import { POLL_STARTS, pollOf } from './polls.ts';
import { wordsOf } from './reading.ts';

/** Letters kept of a message. */
const LONGEST = 4000;

type Json = Record<string, unknown>;

/** What somebody would look for in it; undefined: nothing. */
function textOf(type: string, content: Json): string | undefined {
  if (POLL_STARTS.includes(type)) {
    const poll = pollOf(content, [], false, '');
    return poll && [poll.question, ...poll.answers.map(({ text }) => text)].join(' · ');
  }
  const body = str(content.body);
  if (isFile(content.msgtype)) {
    const { name = safeName(body ?? ''), description } = attachmentOf(content) ?? {};
    return description ? `${name} · ${description}` : name;
  }
  const html = content.format === 'org.matrix.custom.html' ? str(content.formatted_body) : undefined;
  return html ? wordsOf(html) : body;
}

export function sayingOf(event: MatrixEvent): Saying | undefined {
  const type = event.getType();
  const id = event.getId() ?? '';
  const sender = event.getSender() ?? '';
  const at = momentOf(event.getTs());
  if (type === 'm.room.redaction') {
    // The server sees to who may delete what, and cannot of what is written inside an encrypted event.
    if (event.isEncrypted()) return undefined;
    const target = str(event.getContent().redacts) ?? str(event.event.redacts);
    return target ? { what: 'redaction', target } : undefined;
  }
  if (event.isState() || event.isRedacted() || ![...POLL_STARTS, 'm.room.message'].includes(type))
    return undefined;
  // An edit comes as an event of its own: here are the words as they were first said.
  const content = event.getOriginalContent<Json>();
  const relation = (event.getWireContent()['m.relates_to'] ?? content['m.relates_to'] ?? {}) as Json;
  const target = str(relation.event_id);
  if (relation.rel_type === 'm.replace' && target) {
    const text = textOf(type, (content['m.new_content'] ?? {}) as Json);
    return text === undefined
      ? undefined
      : { what: 'edit', target, id, sender, at, text: text.slice(0, LONGEST) };
  }
  const text = textOf(type, content);
  if (text === undefined) return undefined;
  const file = isFile(content.msgtype);
  return {
    what: 'message',
    entry: { id, sender, at, text: text.slice(0, LONGEST), file, edit: undefined },
  };
}
