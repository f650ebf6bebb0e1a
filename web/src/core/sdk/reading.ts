// SPDX-License-Identifier: EUPL-1.2
// An event as the screens know it. Pure: it reads the SDK's models and changes nothing.
import { EventStatus, type MatrixEvent, type Room, type Thread } from 'matrix-js-sdk';
import { DecryptionFailureCode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { failureOf, isPassing } from '../failure.ts';
import { attachmentOf, isFile, safeName } from '../file-events.ts';
import type {
  Change,
  Content,
  Happening,
  Item,
  Lock,
  Mentioned,
  Message,
  Quote,
  Reaction,
  ThreadInfo,
} from '../timeline.ts';
import { momentOf, str } from '../unchecked.ts';
import type { Doubts } from './doubts.ts';
import { nameIn, personIn, personOf } from './names.ts';
import { POLL_STARTS, pollOf, type Polls } from './polls.ts';
import { heldBy } from './recipients.ts';

const NEVER = new Set<DecryptionFailureCode | null>([
  DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED,
  DecryptionFailureCode.MEGOLM_KEY_WITHHELD,
]);
const DEVICE = new Set<DecryptionFailureCode | null>([
  DecryptionFailureCode.HISTORICAL_MESSAGE_NO_KEY_BACKUP,
  DecryptionFailureCode.HISTORICAL_MESSAGE_BACKUP_UNCONFIGURED,
]);
const WAITING = new Set<DecryptionFailureCode | null>([
  DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID,
  DecryptionFailureCode.OLM_UNKNOWN_MESSAGE_INDEX,
  DecryptionFailureCode.HISTORICAL_MESSAGE_WORKING_BACKUP,
]);

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['#39', "'"],
  ['nbsp', ' '],
]);
/** Letters of a laid-out text that are looked at for one line. */
const LINE_FROM = 8192;
/** And for the people that it links to: longer ones are shown without their layout. */
const LINKS_FROM = 65_536;
const REPLY_ENDS = '</mx-reply>';

/** What was replied to is shown as a quotation of its own. */
function withoutReply(html: string): string {
  const from = html.indexOf('<mx-reply>');
  const to = html.indexOf(REPLY_ENDS, from);
  return from < 0 || to < 0 ? html : html.slice(0, from) + html.slice(to + REPLY_ENDS.length);
}

/** Its beginning, up to a tag that would be cut. */
function beginningOf(html: string): string {
  if (html.length <= LINE_FROM) return html;
  const cut = html.slice(0, LINE_FROM);
  const tag = cut.lastIndexOf('<');
  return tag > cut.lastIndexOf('>') ? cut.slice(0, tag) : cut;
}

/** The words of a laid-out text, on one line; never put into the page but as text. */
export function wordsOf(html: string): string {
  return beginningOf(withoutReply(html))
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(#?\w+);/g, (all, name: string) => ENTITIES.get(name) ?? all)
    .replaceAll(/\s+([.,])|\s+/g, (_, point?: string) => point ?? ' ')
    .trim();
}

/** What a content says, for one line of a list or of a quotation. */
export function lineOf(content: Content): string | undefined {
  if (content.kind === 'file') return content.name;
  if (content.kind === 'poll') return content.poll.question;
  if (!('text' in content)) return undefined;
  return content.html ? wordsOf(content.html) : content.text;
}

function lockOf(event: MatrixEvent): Lock {
  const reason = event.decryptionFailureReason;
  if (NEVER.has(reason)) return 'never';
  if (reason === DecryptionFailureCode.MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE) return 'withheld';
  if (DEVICE.has(reason)) return 'device';
  if (WAITING.has(reason) || event.isBeingDecrypted()) return 'waiting';
  return 'unknown';
}

export function contentOf(event: MatrixEvent, polls?: Polls): Content {
  if (event.isRedacted())
    return {
      kind: 'deleted',
      bySender: event.getUnsigned().redacted_because?.sender === event.getSender(),
    };
  if (event.isDecryptionFailure()) return { kind: 'locked', lock: lockOf(event) };
  if (event.isEncrypted() && event.getType() === 'm.room.encrypted')
    return { kind: 'locked', lock: 'waiting' };
  if (POLL_STARTS.includes(event.getType())) {
    const poll = polls ? polls.read(event) : pollOf(event.getContent(), [], false, '');
    return poll ? { kind: 'poll', poll } : { kind: 'unknown' };
  }
  const content = event.getContent();
  const text = str(content.body) ?? '';
  if (isFile(content.msgtype)) {
    const attachment = attachmentOf(content);
    return { kind: 'file', name: attachment?.name ?? safeName(text), attachment };
  }
  const html = content.format === 'org.matrix.custom.html' ? str(content.formatted_body) : undefined;
  if (content.msgtype === 'm.notice') return { kind: 'notice', text, html };
  if (content.msgtype === 'm.emote') return { kind: 'emote', text, html };
  return content.msgtype === 'm.text' || text ? { kind: 'text', text, html } : { kind: 'unknown' };
}

/** What is read beside the event itself. */
export interface Reading {
  readonly polls?: Polls;
  readonly doubts?: Pick<Doubts, 'of'>;
}

function quoteOf(room: Room, event: MatrixEvent, me: string, { doubts }: Reading): Quote | undefined {
  const id = str(event.replyEventId);
  // In a thread, what older clients show as a reply is none.
  if (!id || event.getWireContent()['m.relates_to']?.is_falling_back === true) return undefined;
  const target = room.findEventById(id);
  if (!target) return { id, sender: undefined, mine: false, text: undefined, doubt: undefined };
  const content = contentOf(target);
  return {
    id,
    sender: nameIn(room, target.getSender() ?? ''),
    mine: target.getSender() === me,
    text: lineOf(content),
    doubt: doubts?.of(room, target),
  };
}

/** Letters: the longest of Unicode have less, and nothing longer stands on a button. */
const EMOJI_MAX = 64;

function reactionsOf(room: Room, event: MatrixEvent, me: string): Reaction[] {
  const id = event.getId();
  const relations = id ? room.relations.getChildEventsForEvent(id, 'm.annotation', 'm.reaction') : undefined;
  const reactions: Reaction[] = [];
  for (const [key, events] of relations?.getSortedAnnotationsByKey() ?? []) {
    const emoji = str(key);
    if (!emoji || emoji.length > EMOJI_MAX) continue;
    const people = [...events].filter((one) => !one.isRedacted()).map((one) => one.getSender() ?? '');
    if (people.length > 0)
      reactions.push({ emoji, people: people.map((who) => nameIn(room, who)), mine: people.includes(me) });
  }
  return reactions;
}

/** One's own reaction of that emoji, to be taken back. */
export function ownReaction(room: Room, id: string, emoji: string, me: string): MatrixEvent | undefined {
  const relations = room.relations.getChildEventsForEvent(id, 'm.annotation', 'm.reaction');
  const mine = relations?.getAnnotationsBySender()?.[me] ?? new Set<MatrixEvent>();
  return [...mine].find((one) => !one.isRedacted() && one.getRelation()?.key === emoji);
}

type Sending = Pick<MatrixEvent, 'status' | 'error'>;

/** `pending`: what is on its way in the room. The SDK does not try one that stands behind another that
 * could not leave: what stopped that one stops it too, until the outbox has looked at it. */
export function stateOf(event: Sending, pending: readonly Sending[]): Message['state'] {
  if (event.status === null || event.status === EventStatus.SENT) return 'sent';
  if (event.status === EventStatus.CANCELLED) return 'failed';
  if (event.status !== EventStatus.NOT_SENT) return 'sending';
  const error = event.error ?? pending.find((one) => one.status === EventStatus.NOT_SENT && one.error)?.error;
  return isPassing(failureOf(error)) ? 'waiting' : 'failed';
}

/** How many of others' messages came after what one has read, or has said. The SDK counts those of encrypted
 * threads only from the second on (the first makes the thread), and takes all for read by somebody who has
 * never read one. */
function unreadIn(thread: Thread, me: string): number {
  const readUpTo = thread.getReadReceiptForUserId(me)?.eventId;
  const readAt = thread.getLastUnthreadedReceiptFor(me)?.ts ?? 0;
  let count = 0;
  for (const event of thread.events.toReversed()) {
    const id = event.getId();
    if (id === thread.id || id === readUpTo || event.getSender() === me || event.getTs() <= readAt) break;
    if (!event.isRelation('m.replace')) count++;
  }
  return count;
}

/** Of a message that was answered in a thread. */
function threadOf(room: Room, id: string, me: string): ThreadInfo | undefined {
  const thread = room.getThread(id);
  if (!thread || thread.length === 0) return undefined;
  return { count: thread.length, unread: unreadIn(thread, me) };
}

const LINK_TO_PERSON = /https:\/\/matrix\.to\/#\/(@[^"'<>?/\s]{1,400})/g;
/** Of more, the others are shown by their identifier. */
const PEOPLE_MOST = 50;

/** What a link to a person is called is its sender's choice: the name that the room has for them stands for it. */
function peopleIn(room: Room, html: string): Mentioned[] {
  const ids = new Set<string>();
  for (const [, part = ''] of html.slice(0, LINKS_FROM).matchAll(LINK_TO_PERSON)) {
    const id = plain(part);
    if (id && ids.size < PEOPLE_MOST) ids.add(id);
  }
  return [...ids].map((id) => ({ id, name: nameIn(room, id) }));
}

function plain(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

const withPeople = (room: Room, content: Content): Content =>
  'html' in content && content.html?.includes('https://matrix.to/#/@')
    ? { ...content, people: peopleIn(room, content.html) }
    : content;

/** Of the content of a message, whatever its shape: whom it mentions. */
export function mentionedIn(content: { 'm.mentions'?: unknown }): readonly string[] {
  const mentions = content['m.mentions'] as { user_ids?: unknown } | undefined | null;
  const ids = mentions?.user_ids;
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
}

function messageOf(room: Room, event: MatrixEvent, me: string, reading: Reading): Message {
  const sender = event.getSender() ?? '';
  const mine = sender === me;
  const content = withPeople(room, contentOf(event, reading.polls));
  const edit = event.replacingEvent();
  const last = edit && edit.status !== null ? edit : event;
  const state = stateOf(last, last.status === null ? [] : room.getPendingEvents());
  const settled = state === 'sent' && content.kind !== 'deleted';
  return {
    type: 'message',
    id: event.getId() ?? '',
    sender: personIn(room, sender),
    mine,
    at: momentOf(event.getTs()),
    content,
    edited: edit !== null,
    doubt: reading.doubts?.of(room, event),
    replyTo: quoteOf(room, event, me, reading),
    reactions: reactionsOf(room, event, me),
    thread: threadOf(room, event.getId() ?? '', me),
    state,
    held: state === 'failed' ? heldBy(last.error) : undefined,
    mentionsMe: mentionedIn(event.getContent()).includes(me),
    mayEdit: mine && settled && content.kind === 'text',
    mayDelete: settled && (mine || (room.currentState.maySendRedactionForEvent(event, me) ?? false)),
    readBy: room
      .getUsersReadUpTo(event)
      .filter((who) => who !== me && who !== sender)
      .map((who) => nameIn(room, who)),
  };
}

function memberChange(event: MatrixEvent, room: Room): Happening | undefined {
  const userId = event.getStateKey() ?? '';
  const content = event.getContent();
  const whom = personOf(userId, content.displayname, content).name;
  const now = content.membership;
  const before = event.getPrevContent().membership;
  if (now === before) return undefined;
  if (now === 'join') return { what: 'joined', whom };
  if (now === 'invite') return { what: 'invited', whom };
  if (now === 'knock') return { what: 'asked', whom };
  if (now !== 'leave' && now !== 'ban') return undefined;
  const own = event.getSender() === userId;
  if (before === 'knock') return { what: own ? 'withdrew' : 'declined', whom: nameIn(room, userId) };
  const takenBack = before === 'invite' && now === 'leave';
  if (!own) return { what: takenBack ? 'uninvited' : 'removed', whom: nameIn(room, userId) };
  return { what: before === 'invite' ? 'refused' : 'left', whom: nameIn(room, userId) };
}

function happeningOf(event: MatrixEvent, room: Room): Happening | undefined {
  const content = event.getContent();
  const name = str(content.name);
  const topic = str(content.topic);
  switch (event.getType()) {
    case 'm.room.create':
      return { what: 'created' };
    case 'm.room.encryption':
      return { what: 'encrypted' };
    case 'm.room.member':
      return memberChange(event, room);
    case 'm.room.name':
      return name ? { what: 'named', text: name } : undefined;
    case 'im.vector.room.access_rules':
      return content.rule === 'unrestricted' && event.getPrevContent().rule ? { what: 'opened' } : undefined;
    case 'm.room.pinned_events':
      return { what: 'pinned' };
    case 'm.room.avatar':
      return { what: 'pictured' };
    case 'm.room.topic':
      return topic ? { what: 'described', text: topic } : undefined;
    default:
      return undefined;
  }
}

/** Undefined for what is shown with another event (reactions, edits) or not at all. */
export function itemOf(room: Room, event: MatrixEvent, me: string, reading: Reading = {}): Item | undefined {
  if (event.isState()) {
    const happening = happeningOf(event, room);
    if (!happening) return undefined;
    const change: Change = {
      type: 'change',
      id: event.getId() ?? '',
      at: momentOf(event.getTs()),
      by: nameIn(room, event.getSender() ?? ''),
      mine: event.getSender() === me,
      aboutMe: event.getStateKey() === me,
      happening,
    };
    return change;
  }
  const type = event.getType();
  if (![...POLL_STARTS, 'm.room.message', 'm.room.encrypted'].includes(type)) return undefined;
  if (event.isRelation('m.replace')) return undefined;
  return messageOf(room, event, me, reading);
}
