// SPDX-License-Identifier: EUPL-1.2
// What was said in one room, in segments of some hundred messages, the oldest first. Pure: it knows neither
// the database nor the server; what changes is marked, for who writes it down.
import { folded } from './words.ts';

export interface Entry {
  readonly id: string;
  readonly sender: string;
  readonly at: number;
  readonly text: string;
  readonly file: boolean;
  /** The edit whose words these are, and the words before it where they are known. */
  readonly edit:
    | { readonly id: string; readonly at: number; readonly before: string | undefined }
    | undefined;
}

/** With its words as they are compared: to fold them takes longer than to read them. */
export interface Kept extends Entry {
  readonly words: string;
}

/** What an event says to the index. */
export type Saying =
  | { readonly what: 'message'; readonly entry: Entry }
  | {
      readonly what: 'edit';
      readonly target: string;
      readonly id: string;
      readonly sender: string;
      readonly at: number;
      readonly text: string;
    }
  | { readonly what: 'redaction'; readonly target: string };

export interface Segment {
  readonly m: number;
  readonly entries: readonly Kept[];
}

/** Beyond which a segment is parted in two. */
export const SEGMENT_MOST = 256;

/** As an event says it, of an entry that an edit may have reached before (older messages are read
 * backwards). Who edits is who wrote, or it is no edit. */
function original(old: Entry | undefined, entry: Entry): Entry {
  if (!old?.edit || old.sender !== entry.sender) return entry;
  return { ...entry, text: old.text, edit: { ...old.edit, before: entry.text } };
}

function edited(old: Entry | undefined, saying: Extract<Saying, { what: 'edit' }>): Entry | undefined {
  const { target, id, sender, at, text } = saying;
  if (!old)
    return {
      id: target,
      sender,
      at,
      text,
      file: false,
      edit: { id, at, before: undefined },
    };
  if (old.sender !== sender || (old.edit && old.edit.at >= at)) return undefined;
  return { ...old, text, edit: { id, at, before: old.edit ? old.edit.before : old.text } };
}

const same = (a: Entry, b: Entry): boolean =>
  a.text === b.text && a.at === b.at && a.sender === b.sender && a.edit?.id === b.edit?.id;

export class Shard {
  private segments: { m: number; entries: Kept[] }[];
  private readonly where = new Map<string, number>();
  private next: number;
  private readonly dirty = new Set<number>();
  private readonly gone = new Set<number>();

  constructor(segments: readonly Segment[]) {
    this.segments = segments.map(({ m, entries }) => ({ m, entries: [...entries] }));
    this.next = Math.max(-1, ...segments.map(({ m }) => m)) + 1;
    for (const { m, entries } of segments) for (const { id } of entries) this.where.set(id, m);
  }

  get count(): number {
    return this.where.size;
  }

  /** The oldest first. */
  get all(): readonly Segment[] {
    return this.segments;
  }

  /** What has changed since the last call. */
  takeChanges(): { readonly changed: readonly Segment[]; readonly gone: readonly number[] } {
    const changed = this.segments.filter(({ m }) => this.dirty.has(m));
    const gone = [...this.gone];
    this.dirty.clear();
    this.gone.clear();
    return { changed, gone };
  }

  apply(saying: Saying): void {
    if (saying.what === 'redaction') return this.redact(saying.target);
    const id = saying.what === 'message' ? saying.entry.id : saying.target;
    const old = this.find(id);
    const entry = saying.what === 'message' ? original(old, saying.entry) : edited(old, saying);
    if (!entry || (old && same(old, entry))) return undefined;
    if (old) this.remove(id);
    this.insert(entry);
    return undefined;
  }

  private segment(m: number | undefined) {
    return this.segments.find((segment) => segment.m === m);
  }

  private find(id: string): Kept | undefined {
    return this.segment(this.where.get(id))?.entries.find((entry) => entry.id === id);
  }

  private redact(target: string): void {
    if (this.where.has(target)) return this.remove(target);
    for (const { entries } of this.segments)
      for (const entry of entries)
        if (entry.edit?.id === target) {
          this.remove(entry.id);
          const { before } = entry.edit;
          if (before !== undefined) this.insert({ ...entry, text: before, edit: undefined });
          return undefined;
        }
    return undefined;
  }

  private remove(id: string): void {
    const segment = this.segment(this.where.get(id));
    if (!segment) return;
    this.where.delete(id);
    segment.entries = segment.entries.filter((entry) => entry.id !== id);
    if (segment.entries.length > 0) this.dirty.add(segment.m);
    else this.drop(segment.m);
  }

  private drop(m: number): void {
    for (const { id } of this.segment(m)?.entries ?? []) this.where.delete(id);
    this.segments = this.segments.filter((segment) => segment.m !== m);
    this.dirty.delete(m);
    this.gone.add(m);
  }

  /** Forgets the oldest segment; gives the moment from which on nothing is forgotten. */
  dropOldest(): number | undefined {
    const [first, second] = this.segments;
    if (!first) return undefined;
    this.drop(first.m);
    return second?.entries[0]?.at ?? Infinity;
  }

  dropBefore(at: number): void {
    const old = this.segments.flatMap(({ entries }) => entries.filter((entry) => entry.at < at));
    for (const { id } of old) this.remove(id);
  }

  private insert(entry: Entry): void {
    let segment =
      this.segments.findLast(({ entries }) => (entries[0]?.at ?? 0) <= entry.at) ?? this.segments[0];
    if (!segment) {
      segment = { m: this.next++, entries: [] };
      this.segments.push(segment);
    }
    const at = segment.entries.findLastIndex((other) => other.at <= entry.at);
    segment.entries.splice(at + 1, 0, { ...entry, words: folded(entry.text) });
    this.where.set(entry.id, segment.m);
    this.dirty.add(segment.m);
    if (segment.entries.length > SEGMENT_MOST) this.split(segment);
  }

  private split(segment: { m: number; entries: Kept[] }): void {
    // At the end, where new messages come, the old segment stays full and is not written again.
    const last = this.segments.at(-1) === segment;
    const half = last ? SEGMENT_MOST : SEGMENT_MOST / 2;
    const more = { m: this.next++, entries: segment.entries.splice(half) };
    for (const { id } of more.entries) this.where.set(id, more.m);
    this.segments.splice(this.segments.indexOf(segment) + 1, 0, more);
    this.dirty.add(more.m);
  }
}
