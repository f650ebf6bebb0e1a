// SPDX-License-Identifier: EUPL-1.2
// Polls: client-server API, "Polls"; written with the names that all clients know, read with both.
import { type MatrixEvent, type Poll as SdkPoll, PollEvent, type Relations, type Room } from 'matrix-js-sdk';
import { M_POLL_KIND_DISCLOSED, M_POLL_KIND_UNDISCLOSED } from 'matrix-js-sdk/lib/@types/polls.js';
import { PollEndEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollEndEvent.js';
import { PollResponseEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollResponseEvent.js';
import { PollStartEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollStartEvent.js';
import type { Doubt, NewPoll, Poll } from '../timeline.ts';
import { str } from '../unchecked.ts';
import type { Doubts } from './doubts.ts';
import { sealOf } from './repeats.ts';

interface Written {
  type: string;
  content: object;
}

export const POLL_STARTS = ['m.poll.start', 'org.matrix.msc3381.poll.start'];

export const startOf = ({ question, answers, disclosed, most }: NewPoll): Written =>
  PollStartEvent.from(
    question,
    [...answers],
    disclosed ? M_POLL_KIND_DISCLOSED : M_POLL_KIND_UNDISCLOSED,
    most,
  ).serialize();
export const responseOf = (id: string, answers: readonly string[]): Written =>
  PollResponseEvent.from([...answers], id).serialize();
export const endOf = (id: string, words: string): Written => PollEndEvent.from(id, words).serialize();

/** One answer of somebody, as it was sent. */
export interface Ballot {
  readonly sender: string;
  readonly at: number;
  readonly answers: readonly string[];
  readonly doubt?: Doubt | undefined;
  /** With what it was encrypted, and which one of that it is: nobody else can give it another number. */
  readonly seal?: { readonly session: string; readonly number: number } | undefined;
}

/** Whoever runs a server can serve a vote again, at another hour: it is the one that it was. */
function once(ballots: readonly Ballot[]): Ballot[] {
  const first = new Map<string, Ballot>();
  ballots.forEach((ballot, place) => {
    const { sender, at, seal } = ballot;
    const key = seal ? `${sender} ${seal.session} ${seal.number}` : `${place}`;
    const before = first.get(key);
    if (!before || at < before.at) first.set(key, ballot);
  });
  return [...first.values()];
}

/** Of the same person. */
const isLater = (ballot: Ballot, before: Ballot): boolean =>
  ballot.seal && ballot.seal.session === before.seal?.session
    ? ballot.seal.number > before.seal.number
    : ballot.at >= before.at;

const lastOf = (ballots: readonly Ballot[]): Ballot | undefined =>
  ballots.reduce<Ballot | undefined>(
    (last, ballot) => (!last || isLater(ballot, last) ? ballot : last),
    undefined,
  );

/** The one of a person that counts: the last; one of a device that is not confirmed takes the place of none
 * that is. `passed`: it is the later one all the same. */
function counting(ballots: readonly Ballot[]): { ballot: Ballot | undefined; passed: boolean } {
  const sure = lastOf(ballots.filter(({ doubt }) => doubt !== 'device'));
  const unsure = lastOf(ballots.filter(({ doubt }) => doubt === 'device'));
  return { ballot: sure ?? unsure, passed: !!sure && !!unsure && isLater(unsure, sure) };
}

/** Who has chosen what: one ballot of each person counts, and of it only answers that there are. */
export function countVotes(
  answers: readonly { id: string; text: string }[],
  ballots: readonly Ballot[],
  most: number,
  me: string,
): Pick<Poll, 'answers' | 'voters' | 'unsure' | 'passed' | 'minePassed'> {
  const known = new Set(answers.map(({ id }) => id));
  const people = [...Map.groupBy(once(ballots), ({ sender }) => sender)].map(([sender, theirs]) => {
    const { ballot, passed } = counting(theirs);
    const ids = (ballot?.answers ?? []).filter((id) => known.has(id)).slice(0, most);
    return { sender, ids, doubt: ballot?.doubt, passed };
  });
  const chosen = people.filter(({ ids }) => ids.length > 0);
  const passed = people.filter((one) => one.passed && one.sender !== me).length;
  return {
    passed,
    minePassed: people.some((one) => one.passed && one.sender === me),
    voters: chosen.length,
    unsure: chosen.filter(({ doubt }) => doubt === 'device').length,
    answers: answers.map(({ id, text }) => {
      const voters = chosen.filter(({ ids }) => ids.includes(id));
      return { id, text, votes: voters.length, mine: voters.some(({ sender }) => sender === me) };
    }),
  };
}

/** The names of before and after the specification took them in. */
const either = (content: Record<string, unknown>, ...names: string[]): unknown =>
  names.map((name) => content[name]).find((value) => value !== undefined);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function textOf(value: unknown): string {
  if (!isObject(value)) return '';
  const text = either(value, 'org.matrix.msc1767.text', 'm.text', 'body');
  if (typeof text === 'string') return text;
  const first: unknown = Array.isArray(text) ? text[0] : undefined;
  return isObject(first) && typeof first.body === 'string' ? first.body : '';
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

const ballotOf = (event: MatrixEvent): Ballot | undefined => {
  if (event.isRedacted()) return undefined;
  const content = event.getContent();
  const response = either(content, 'org.matrix.msc3381.poll.response', 'm.poll.response');
  const answers = isObject(response) ? strings(response.answers) : strings(content['m.selections']);
  const seal = event.isEncrypted() ? sealOf(event) : undefined;
  return { sender: event.getSender() ?? '', at: event.getTs(), answers, seal };
};

/** A poll as it was put, with the votes that are known. Undefined: it cannot be read. */
export function pollOf(
  content: Record<string, unknown>,
  ballots: readonly Ballot[],
  ended: boolean,
  me: string,
): Poll | undefined {
  const start = either(content, 'org.matrix.msc3381.poll.start', 'm.poll.start', 'm.poll');
  if (!isObject(start) || !Array.isArray(start.answers)) return undefined;
  const answers = start.answers.filter(isObject).flatMap((answer) => {
    const id = either(answer, 'id', 'm.id');
    return typeof id === 'string' ? [{ id, text: textOf(answer) }] : [];
  });
  const most = typeof start.max_selections === 'number' ? Math.max(1, start.max_selections) : 1;
  const shown = ended || M_POLL_KIND_DISCLOSED.matches(str(start.kind) ?? '');
  return { question: textOf(start.question), most, ended, shown, ...countVotes(answers, ballots, most, me) };
}

/** The polls of a room that somebody looks at, and the answers to them as they come. */
export class Polls {
  private readonly room: Room;
  private readonly me: string;
  private readonly doubts: Pick<Doubts, 'of'>;
  private readonly changed: () => void;
  private readonly known = new Map<string, Relations | undefined>();
  private readonly stops: (() => void)[] = [];

  constructor(room: Room, me: string, doubts: Pick<Doubts, 'of'>, changed: () => void) {
    this.room = room;
    this.me = me;
    this.doubts = doubts;
    this.changed = changed;
    room.on(PollEvent.New, changed);
    this.stops.push(() => room.off(PollEvent.New, changed));
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private watch(id: string, poll: SdkPoll): void {
    this.known.set(id, undefined);
    const take = (responses: Relations): void => {
      this.known.set(id, responses);
      this.changed();
    };
    poll.on(PollEvent.Responses, take);
    poll.on(PollEvent.End, this.changed);
    this.stops.push(() => {
      poll.off(PollEvent.Responses, take);
      poll.off(PollEvent.End, this.changed);
    });
    poll.getResponses().then(take, () => {});
  }

  /** Undefined: it is not a poll that can be read. */
  read(event: MatrixEvent): Poll | undefined {
    const id = event.getId() ?? '';
    const poll = this.room.polls.get(id);
    if (poll && !this.known.has(id)) this.watch(id, poll);
    const ballots = (this.known.get(id)?.getRelations() ?? []).flatMap((one) => {
      const doubt = this.doubts.of(this.room, one);
      const ballot = ballotOf(one);
      // What nobody is known to have written, a server could put into anybody's hand.
      return ballot && doubt !== 'clear' && doubt !== 'author' ? [{ ...ballot, doubt }] : [];
    });
    return pollOf(event.getContent(), ballots, poll?.isEnded === true, this.me);
  }
}
