// SPDX-License-Identifier: EUPL-1.2
// Feeds the index of messages: with what comes, as it is decrypted, and page by page, in the background,
// with what was said before. Its own pages: the SDK's timelines are left to the screens.
import {
  ClientEvent,
  Direction,
  type EventTimelineSet,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { failureOf, isPassing } from '../failure.ts';
import { Cell } from '../live.ts';
import type { FoundMessage, Search, SearchQuery, SearchReach, SearchResult } from '../search.ts';
import { SearchIndex } from '../search/search-index.ts';
import type { Saying } from '../search/shard.ts';
import { Shelves, type Walk } from '../search/shelves.ts';
import { momentOf } from '../unchecked.ts';
import type { Vault } from '../vault.ts';
import { Erasing } from './erasing.ts';
import { personIn, personOf } from './names.ts';
import { sayingOf } from './sayings.ts';

const PAGE = 100;
/** Between two pages while nobody waits, and after a refusal. */
const PAUSE_MS = 400;
const RETRY_MS = 20_000;
const LONGEST_MS = 3600 * 1000;
/** What comes is written down together. */
const GATHER_MS = 500;
/** How often it is looked for what the server has erased. */
const SWEEP_MS = 6 * 3600 * 1000;

/** A room of which a page was refused is left alone for a while, and the others go on. */
interface Aside {
  readonly pause: number;
  readonly until: number;
}

interface Gathered {
  sayings: Saying[];
  newest: string | undefined;
}

const EMPTY: SearchResult = { messages: [], total: 0, people: [], roomIds: [] };

export class SdkSearch implements Search {
  readonly reach = new Cell<SearchReach>({ at: 'reading', since: undefined });
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private index: SearchIndex | undefined;
  private readonly gathered = new Map<string, Gathered>();
  private writing: ReturnType<typeof setTimeout> | undefined;
  private sweeping: ReturnType<typeof setInterval> | undefined;
  private hurried = 0;
  private walking = false;
  private readonly aside = new Map<string, Aside>();
  private stopped = false;
  private wake: () => void = () => {};

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.vault = vault;
  }

  /** After the first answer of the server. */
  async begin(): Promise<void> {
    try {
      const shelves = await Shelves.open(await this.vault.sealer('search'));
      if (this.stopped) return shelves.close();
      const index = await SearchIndex.open(shelves);
      this.index = index;
      index.reach.subscribe(() => this.reach.set(index.reach.get()));
      this.listen();
      await this.catchUp(index);
      this.sweep(index);
      void this.walk();
    } catch {
      this.reach.set({ at: 'none', since: undefined });
    }
    return undefined;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.writing);
    clearInterval(this.sweeping);
    this.wake();
    const { client } = this;
    client.off(ClientEvent.Event, this.onEvent);
    client.off(MatrixEventEvent.Decrypted, this.take);
    client.off(RoomEvent.TimelineReset, this.onReset);
    client.off(RoomEvent.MyMembership, this.onMembership);
    client.off(CryptoEvent.KeyBackupDecryptionKeyCached, this.onKeys);
    client.off(ClientEvent.Sync, this.onSync);
    this.index?.close();
    this.index = undefined;
  }

  private sweep(index: SearchIndex): void {
    const erasing = new Erasing(this.client, index);
    const sweep = () => void erasing.sweep().catch(() => {});
    this.sweeping = setInterval(sweep, SWEEP_MS);
    sweep();
  }

  private listen(): void {
    const { client } = this;
    client.on(ClientEvent.Event, this.onEvent);
    client.on(MatrixEventEvent.Decrypted, this.take);
    client.on(RoomEvent.TimelineReset, this.onReset);
    client.on(RoomEvent.MyMembership, this.onMembership);
    client.on(CryptoEvent.KeyBackupDecryptionKeyCached, this.onKeys);
    client.on(ClientEvent.Sync, this.onSync);
  }

  /** Rooms that were left are forgotten; of those that have moved since the last visit, what is new is read. */
  private async catchUp(index: SearchIndex): Promise<void> {
    const joined = new Map(
      this.client
        .getRooms()
        .filter((room) => room.getMyMembership() === 'join')
        .map((room) => [room.roomId, room]),
    );
    for (const roomId of index.roomIds) if (!joined.has(roomId)) await index.forget(roomId);
    for (const [roomId, room] of joined) {
      const last = room.getLiveTimeline().getEvents().at(-1)?.getId();
      if (!last || index.shelf(roomId)?.newest !== last) await index.gap(roomId);
    }
  }

  // ---- what comes ----

  private readonly onEvent = (event: MatrixEvent): void => {
    const roomId = event.getRoomId();
    if (!roomId || !event.getId()) return;
    this.gather(roomId).newest = event.getId();
    // Once it is decrypted, it is told like any other.
    if (event.getType() === 'm.room.encrypted') void this.client.decryptEventIfNeeded(event);
    else this.take(event);
  };

  private readonly take = (event: MatrixEvent): void => {
    const roomId = event.getRoomId();
    if (!roomId || event.isDecryptionFailure() || event.status !== null) return;
    const saying = sayingOf(event);
    if (saying) this.gather(roomId).sayings.push(saying);
  };

  private gather(roomId: string): Gathered {
    const gathered = this.gathered.get(roomId) ?? { sayings: [], newest: undefined };
    this.gathered.set(roomId, gathered);
    this.writing ??= setTimeout(() => this.flush(), GATHER_MS);
    return gathered;
  }

  private flush(): void {
    clearTimeout(this.writing);
    this.writing = undefined;
    const all = [...this.gathered];
    this.gathered.clear();
    for (const [roomId, { sayings, newest }] of all)
      void this.index?.add(roomId, sayings, newest).catch(() => {});
  }

  private readonly onReset = (room: Room | undefined, set: EventTimelineSet): void => {
    if (room && set === room.getUnfilteredTimelineSet()) this.gap(room.roomId);
  };

  private readonly onMembership = (room: Room, membership: string): void => {
    if (membership === 'join') this.gap(room.roomId);
    else if (membership !== 'invite') void this.index?.forget(room.roomId).catch(() => {});
  };

  private gap(roomId: string): void {
    this.flush();
    void this.index?.gap(roomId).then(
      () => this.goOn(),
      () => {},
    );
  }

  /** The code has opened the backup: what was not readable is read again. */
  private readonly onKeys = (): void => {
    void this.index?.mendHoles().then(
      () => this.goOn(),
      () => {},
    );
  };

  // ---- what was said before ----

  hurry(): () => void {
    this.hurried++;
    const release = this.index?.hold();
    this.takeUp();
    return () => {
      this.hurried--;
      release?.();
    };
  }

  /** The connection is back. */
  private readonly onSync = (state: SyncState, before: SyncState | null): void => {
    if (state === SyncState.Syncing && before !== SyncState.Syncing) this.takeUp();
  };

  /** Nothing that was put off waits longer; what is refused again waits longer than before. */
  private takeUp(): void {
    for (const [roomId, { pause }] of this.aside) this.aside.set(roomId, { pause, until: 0 });
    this.wake();
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(over, milliseconds);
      this.wake = over;
    });
  }

  /** There is something new to read. */
  private goOn(): void {
    if (this.walking) this.wake();
    else void this.walk();
  }

  private async walk(): Promise<void> {
    if (this.walking) return;
    this.walking = true;
    while (!this.stopped) {
      const next = this.index?.nextWalk((roomId) => this.isAside(roomId));
      if (!next && !this.index?.nextWalk()) break;
      const wait = next ? await this.page(next.roomId, next.walk) : this.untilNext();
      if (wait > 0 && !this.stopped) await this.pause(wait);
    }
    this.walking = false;
  }

  private isAside(roomId: string): boolean {
    return (this.aside.get(roomId)?.until ?? 0) > Date.now();
  }

  /** Of the rooms that are left alone, the first is taken up again. */
  private untilNext(): number {
    const waits = [...this.aside.values()].map(({ until }) => until - Date.now());
    return Math.max(Math.min(...waits.filter((wait) => wait > 0)), PAUSE_MS);
  }

  /** Ever longer, unless it is no fault of the room's. */
  private setAside(roomId: string, passing: boolean): void {
    const before = (passing ? undefined : this.aside.get(roomId)?.pause) ?? RETRY_MS;
    const next = Math.min(before * 2, LONGEST_MS);
    this.aside.set(roomId, { pause: passing ? RETRY_MS : next, until: Date.now() + next });
  }

  /** One page; how long to wait before the next. */
  private async page(roomId: string, walk: Walk): Promise<number> {
    try {
      await this.readPage(roomId, walk);
      this.aside.delete(roomId);
      return this.hurried > 0 ? 0 : PAUSE_MS;
    } catch (error) {
      const failure = failureOf(error);
      const { status, retryAfterMs } = failure;
      // It is not one's room any more.
      if (status === 403 || status === 404) await this.index?.forget(roomId).catch(() => {});
      else this.setAside(roomId, isPassing(failure));
      return retryAfterMs ?? RETRY_MS;
    }
  }

  private async readPage(roomId: string, walk: Walk): Promise<void> {
    const { client } = this;
    const from = walk.token ?? null;
    const answer = await client.createMessagesRequest(roomId, from, PAGE, Direction.Backward);
    const room = client.getRoom(roomId);
    const mapper = client.getEventMapper();
    room?.currentState.setUnknownStateEvents((answer.state ?? []).map(mapper));
    const events = answer.chunk.map(mapper);
    await Promise.all(events.map((event) => client.decryptEventIfNeeded(event)));
    const ids = answer.chunk.map(({ event_id }) => event_id);
    const known = walk.until !== undefined && ids.includes(walk.until);
    const oldest = answer.chunk.at(-1);
    const at = oldest ? momentOf(oldest.origin_server_ts) : (walk.at ?? Date.now());
    const next = known || !answer.end ? undefined : { token: answer.end, until: walk.until, at };
    await this.index?.addPage(roomId, walk, {
      sayings: events.flatMap((event) => sayingOf(event) ?? []),
      next,
      newest: walk.token === undefined ? ids[0] : undefined,
      holes: events.some((event) => event.getType() === 'm.room.encrypted' || event.isDecryptionFailure()),
    });
  }

  // ---- looking ----

  async find(query: SearchQuery, most: number, signal: AbortSignal): Promise<SearchResult> {
    if (!this.index) return EMPTY;
    this.flush();
    const { hits, total, senders, roomIds } = await this.index.find(query, most, signal);
    const people = [...senders].map(([id, roomId]) => this.personIn(roomId, id));
    return {
      total,
      people: people.toSorted((a, b) => a.name.localeCompare(b.name)),
      roomIds,
      messages: hits.map(({ roomId, entry, before, after }): FoundMessage => {
        const { id, at, text, file } = entry;
        const sender = this.personIn(roomId, entry.sender);
        return { id, roomId, at, text, file, sender, before: before?.text, after: after?.text };
      }),
    };
  }

  private personIn(roomId: string, userId: string) {
    const room = this.client.getRoom(roomId);
    return room ? personIn(room, userId) : personOf(userId, undefined, undefined);
  }
}
