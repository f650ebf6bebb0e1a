// SPDX-License-Identifier: EUPL-1.2
// The index of what was said: fed with what events say, asked with words. It is looked through from one end
// to the other: some ten megabytes at most, which is quicker than to keep lists of words in step with them
// (docs/design/web.md).
import { Cell } from '../live.ts';
import type { SearchQuery, SearchReach } from '../search.ts';
import { type Entry, type Kept, type Saying, type Segment, Shard } from './shard.ts';
import type { SegmentInfo, Shelf, Shelves, Walk } from './shelves.ts';
import { fits, termsOf } from './words.ts';

/** Messages kept in all, and of one room. */
export const MOST = 60_000;
export const ROOM_MOST = 20_000;
/** Segments kept in memory while nobody searches. */
const KEPT = 64;
/** Segments read at once. */
const TOGETHER = 16;

export interface Hit {
  readonly roomId: string;
  readonly entry: Entry;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

export interface Hits {
  readonly hits: readonly Hit[];
  readonly total: number;
  readonly senders: ReadonlyMap<string, string>;
  readonly roomIds: readonly string[];
}

interface Bounds {
  readonly most: number;
  readonly roomMost: number;
}

const FROM_THE_END: Walk = { token: undefined, until: undefined, at: undefined };

export class SearchIndex {
  readonly reach = new Cell<SearchReach>({ at: 'reading', since: undefined });
  private readonly shelves: Shelves;
  private readonly bounds: Bounds;
  private readonly rooms = new Map<string, Shelf>();
  /** Segments that were read or written lately. */
  private readonly kept = new Map<string, readonly Kept[]>();
  private next = 0;
  private readers = 0;
  private busy: Promise<void> = Promise.resolve();

  private constructor(shelves: Shelves, bounds: Bounds) {
    this.shelves = shelves;
    this.bounds = bounds;
  }

  static async open(
    shelves: Shelves,
    bounds: Bounds = { most: MOST, roomMost: ROOM_MOST },
  ): Promise<SearchIndex> {
    const index = new SearchIndex(shelves, bounds);
    for (const shelf of await shelves.all()) index.rooms.set(shelf.roomId, shelf);
    index.next = Math.max(-1, ...[...index.rooms.values()].map(({ n }) => n)) + 1;
    index.tell();
    return index;
  }

  close(): void {
    this.kept.clear();
    this.shelves.close();
  }

  get roomIds(): readonly string[] {
    return [...this.rooms.keys()];
  }

  shelf(roomId: string): Shelf | undefined {
    return this.rooms.get(roomId);
  }

  /** Of all rooms but those, the part that is the least far back; what has not begun comes first. */
  nextWalk(
    isAside: (roomId: string) => boolean = () => false,
  ): { readonly roomId: string; readonly walk: Walk } | undefined {
    let best: { roomId: string; walk: Walk } | undefined;
    for (const { roomId, walks } of this.rooms.values())
      for (const walk of walks)
        if (!isAside(roomId) && (!best || (walk.at ?? Infinity) > (best.walk.at ?? Infinity)))
          best = { roomId, walk };
    return best;
  }

  // ---- writing ----

  /** One change at a time. */
  private alone(action: () => Promise<void>): Promise<void> {
    const done = this.busy.then(action);
    this.busy = done.catch(() => this.reach.set({ at: 'none', since: undefined }));
    return done;
  }

  /** Messages were said that the index has not seen: all of a room that is new to it, else down to the last
   * one that it has. */
  gap(roomId: string): Promise<void> {
    return this.alone(async () => {
      const shelf = this.rooms.get(roomId);
      if (!shelf) return this.change(roomId, { walks: [FROM_THE_END] }, []);
      // What has not begun goes from the end already; without a last event there is nothing to stop at.
      if (shelf.walks.some(({ token, at }) => token === undefined && at === undefined)) return undefined;
      const more: Walk = { ...FROM_THE_END, until: shelf.newest };
      return this.change(roomId, { walks: shelf.newest ? [...shelf.walks, more] : [FROM_THE_END] }, []);
    });
  }

  /** What could not be read may be readable now. */
  mendHoles(): Promise<void> {
    return this.alone(async () => {
      for (const { roomId, holes } of this.rooms.values())
        if (holes) await this.change(roomId, { walks: [FROM_THE_END], holes: false, cut: undefined }, []);
    });
  }

  /** What events say; `newest`: the last of them in the room. Rooms that it does not know are left to their
   * first walk. */
  add(roomId: string, sayings: readonly Saying[], newest: string | undefined): Promise<void> {
    return this.alone(async () => {
      if (this.rooms.has(roomId)) await this.change(roomId, newest ? { newest } : {}, sayings);
    });
  }

  /** A page of older messages: where the walk goes on, undefined at its end. */
  addPage(
    roomId: string,
    walk: Walk,
    page: {
      readonly sayings: readonly Saying[];
      readonly next: Walk | undefined;
      readonly newest: string | undefined;
      readonly holes: boolean;
    },
  ): Promise<void> {
    return this.alone(async () => {
      const shelf = this.rooms.get(roomId);
      if (!shelf) return undefined;
      const others = shelf.walks.filter((one) => JSON.stringify(one) !== JSON.stringify(walk));
      // It was called off while the page was under way.
      if (others.length === shelf.walks.length) return undefined;
      return this.change(
        roomId,
        {
          walks: page.next ? [...others, page.next] : others,
          holes: shelf.holes || page.holes,
          ...(page.newest ? { newest: page.newest } : {}),
        },
        page.sayings,
      );
    });
  }

  forget(roomId: string): Promise<void> {
    return this.alone(async () => {
      const shelf = this.rooms.get(roomId);
      if (!shelf) return;
      this.rooms.delete(roomId);
      for (const { m } of shelf.segments) this.kept.delete(`${shelf.n} ${m}`);
      await this.shelves.remove(shelf);
      this.tell();
    });
  }

  /** When the oldest message that is kept of a room was sent. */
  oldest(roomId: string): number | undefined {
    return this.rooms.get(roomId)?.segments[0]?.from;
  }

  /** What was sent before that moment is nowhere any more. */
  dropBefore(roomId: string, at: number): Promise<void> {
    return this.alone(async () => {
      const shelf = this.rooms.get(roomId);
      if (!shelf) return;
      const shard = new Shard(await this.load(shelf));
      shard.dropBefore(at);
      await this.write(shelf, shard);
      this.tell();
    });
  }

  private async change(roomId: string, part: Partial<Shelf>, sayings: readonly Saying[]): Promise<void> {
    const old = this.rooms.get(roomId) ?? {
      n: this.next++,
      roomId,
      segments: [],
      walks: [],
      newest: undefined,
      holes: false,
      cut: undefined,
    };
    const shard = new Shard(sayings.length > 0 ? await this.load(old) : []);
    for (const saying of sayings) shard.apply(saying);
    if (sayings.length > 0) await this.write({ ...old, ...part }, shard);
    else {
      const shelf = { ...old, ...part };
      await this.shelves.write(shelf, [], []);
      this.rooms.set(roomId, shelf);
    }
    await this.shorten();
    this.tell();
  }

  private async write(shelf: Shelf, shard: Shard): Promise<void> {
    let { walks, cut } = shelf;
    while (shard.count > this.bounds.roomMost) {
      cut = shard.dropOldest();
      walks = [];
    }
    const segments = shard.all.map(({ m, entries }) => ({
      m,
      count: entries.length,
      from: entries[0]!.at,
      to: entries.at(-1)!.at,
    }));
    const next = { ...shelf, segments, walks, cut };
    const { changed, gone } = shard.takeChanges();
    await this.shelves.write(next, changed, gone);
    this.rooms.set(shelf.roomId, next);
    for (const m of gone) this.kept.delete(`${shelf.n} ${m}`);
    for (const { m, entries } of changed) this.keep(shelf.n, m, [...entries]);
  }

  /** Of all rooms, what is the oldest goes first. */
  private async shorten(): Promise<void> {
    while (this.total > this.bounds.most) {
      const shelves = [...this.rooms.values()].filter(({ segments }) => segments.length > 0);
      const oldest = shelves.toSorted((a, b) => a.segments[0]!.from - b.segments[0]!.from)[0]!;
      const shard = new Shard(await this.load(oldest));
      const cut = shard.dropOldest();
      await this.write({ ...oldest, walks: [], cut }, shard);
    }
  }

  private get total(): number {
    let sum = 0;
    for (const { segments } of this.rooms.values()) for (const { count } of segments) sum += count;
    return sum;
  }

  // ---- reading ----

  private load(shelf: Shelf): Promise<Segment[]> {
    return Promise.all(shelf.segments.map(async ({ m }) => ({ m, entries: await this.read(shelf.n, m) })));
  }

  private async read(n: number, m: number): Promise<readonly Kept[]> {
    const entries = this.kept.get(`${n} ${m}`) ?? (await this.shelves.segment(n, m));
    this.keep(n, m, entries);
    return entries;
  }

  private keep(n: number, m: number, entries: readonly Kept[]): void {
    this.kept.delete(`${n} ${m}`);
    this.kept.set(`${n} ${m}`, entries);
    if (this.readers === 0) this.trim();
  }

  private trim(): void {
    for (const key of this.kept.keys()) {
      if (this.kept.size <= KEPT) return;
      this.kept.delete(key);
    }
  }

  /** All that is looked through stays in memory until the function that it gives is called. */
  hold(): () => void {
    this.readers++;
    return () => {
      this.readers--;
      if (this.readers === 0) this.trim();
    };
  }

  /** Some at a time: a database answers sooner when it is asked for several things at once. */
  private async *readAll(parts: readonly { readonly shelf: Shelf; readonly info: SegmentInfo }[]) {
    for (let i = 0; i < parts.length; i += TOGETHER)
      yield* await Promise.all(
        parts.slice(i, i + TOGETHER).map(async ({ shelf, info }) => ({
          roomId: shelf.roomId,
          entries: await this.read(shelf.n, info.m),
        })),
      );
  }

  async find(query: SearchQuery, most: number, signal: AbortSignal): Promise<Hits> {
    const terms = termsOf(query.words);
    const { from = -Infinity, to = Infinity } = query;
    const parts = [...this.rooms.values()]
      .flatMap((shelf) => shelf.segments.map((info) => ({ shelf, info })))
      .filter(({ info }) => info.to >= from && info.from < to)
      .toSorted((a, b) => b.info.to - a.info.to);
    const hits: Hit[] = [];
    const senders = new Map<string, string>();
    const roomIds = new Set<string>();
    for await (const { roomId, entries } of this.readAll(parts)) {
      if (signal.aborted) break;
      for (const [i, entry] of entries.entries()) {
        if (entry.at < from || entry.at >= to || (query.filesOnly && !entry.file)) continue;
        if (!fits(entry.words, terms)) continue;
        const here = query.roomId === undefined || query.roomId === roomId;
        const theirs = query.sender === undefined || query.sender === entry.sender;
        if (here) senders.set(entry.sender, roomId);
        if (theirs) roomIds.add(roomId);
        if (here && theirs) hits.push({ roomId, entry, before: entries[i - 1], after: entries[i + 1] });
      }
    }
    hits.sort((a, b) => b.entry.at - a.entry.at);
    return { hits: hits.slice(0, most), total: hits.length, senders, roomIds: [...roomIds] };
  }

  private tell(): void {
    if (this.reach.get().at === 'none') return;
    const shelves = [...this.rooms.values()];
    const walks = shelves.flatMap((shelf) => shelf.walks);
    const cuts = shelves.flatMap(({ cut }) => cut ?? []);
    if (walks.length > 0) {
      const begun = walks.every(({ at }) => at !== undefined);
      const since = begun ? Math.max(...walks.map(({ at }) => at ?? 0), ...cuts) : undefined;
      this.reach.set({ at: 'reading', since });
    } else if (cuts.length > 0) this.reach.set({ at: 'cut', since: Math.max(...cuts) });
    else this.reach.set({ at: 'whole', since: undefined });
  }
}
