// SPDX-License-Identifier: EUPL-1.2
// The SDK's copy of the last sync. Its own keeps all rooms in one record, which it reads and makes rooms of
// before it hears from the server, and writes anew as a whole: with a thousand rooms, most of a visit's
// beginning, and half a second of each writing. Here each room is a record of its own (kept-rooms.ts): the
// SDK is given the first ones, the others wait (restoring.ts), and what has changed is written soon.
import { openDB } from 'idb';
import {
  IndexedDBStore,
  type IJoinedRoom,
  type IMinimalEvent,
  type IRooms,
  type ISyncResponse,
  SyncAccumulator,
} from 'matrix-js-sdk';
import { SDK_DATABASE } from '../stores.ts';
import { type Beginning, KeptRooms, recordOf, type RoomNow, type RoomRecord } from './kept-rooms.ts';
import { inPieces } from './pieces.ts';

/** What comes within that time is written together. */
const GATHER_MS = 2000;
/** Rooms of which the kept state stays in memory. */
const AT_HAND = 50;

type SavedSync = NonNullable<Awaited<ReturnType<IndexedDBStore['getSavedSync']>>>;

/** Which rooms a visit needs at once, and in which order the others come. */
export interface Order {
  readonly first: readonly string[];
  readonly list: readonly string[];
}

interface Touched {
  readonly accumulator: SyncAccumulator;
  changed: boolean;
}

const KINDS = ['join', 'invite', 'knock', 'leave'] as const;

/** Rooms that a sync tells something of. */
export const roomIdsOf = (rooms: Partial<IRooms> | undefined): string[] =>
  KINDS.flatMap((kind) => Object.keys(rooms?.[kind] ?? {}));

const NOTHING = { next_batch: '', account_data: { events: [] } };

const noRooms = (): IRooms => ({ join: {}, invite: {}, knock: {}, leave: {} });

/** That part of a sync. */
function only(rooms: Partial<IRooms>, id: string): IRooms {
  const part = noRooms();
  for (const kind of KINDS) {
    const room = rooms[kind]?.[id];
    if (room) Object.assign(part[kind], { [id]: room });
  }
  return part;
}

function nowOf(id: string, accumulator: SyncAccumulator): RoomNow {
  const { join, invite, knock } = accumulator.getJSON(true).roomsData;
  if (join[id]) return { kind: 'join', room: join[id] };
  if (invite[id]) return { kind: 'invite', room: invite[id] };
  return knock[id] && { kind: 'knock', room: knock[id] };
}

/** What the SDK notes of an event that it keeps: when it was sent, by this device's clock. It wants its age. */
const SENT = '_localTs';

function withAges(room: IJoinedRoom): void {
  for (const event of room.timeline.events as (IMinimalEvent & { [SENT]?: number })[]) {
    const sent = event[SENT];
    if (sent === undefined) continue;
    delete event[SENT];
    event.unsigned = { ...event.unsigned, age: Date.now() - sent };
  }
}

function savedOf({ place, asked, account }: Beginning, joined: ReadonlyMap<string, IJoinedRoom>): SavedSync {
  const rooms = { ...noRooms(), join: Object.fromEntries(joined) };
  for (const [id, { kind, room }] of asked) Object.assign(rooms[kind], { [id]: room });
  return { nextBatch: place, roomsData: rooms, accountData: [...account] };
}

/** By their place in the list; what is not in it is new, and comes first. */
function sorted(ids: readonly string[], list: readonly string[]): readonly string[] {
  const ranks = new Map(list.map((id, rank) => [id, rank]));
  const rank = (id: string) => ranks.get(id) ?? -1;
  return ids.toSorted((a, b) => rank(a) - rank(b));
}

export class SyncStore extends IndexedDBStore {
  /** Rooms that are kept and that the SDK has not been given yet, in the order in which they shall be. */
  readonly waiting = new Set<string>();
  /** Rooms that the SDK was given at the start. */
  readonly given: string[] = [];
  private readonly order: Order | undefined;
  private kept: KeptRooms | undefined;
  private saved: SavedSync | null = null;
  private place: string | null = null;
  private written: string | null = null;
  private readonly touched = new Map<string, Touched>();
  private readonly account = new Map<string, IMinimalEvent>();
  private line: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `order`: undefined, all rooms at once. */
  constructor(factory: IDBFactory, order: Order | undefined) {
    super({ indexedDB: factory, dbName: SDK_DATABASE });
    this.order = order;
    const deleteOthers = this.deleteAllData;
    this.getSavedSync = async () => {
      const { saved } = this;
      this.saved = null;
      return saved;
    };
    this.getSavedSyncToken = async () => this.place;
    // The SDK ends its syncs when it is told that this failed.
    this.setSyncData = (answer) => this.alone(() => this.take(answer)).catch(() => this.giveUp());
    this.deleteAllData = async () => {
      await this.giveUp();
      await deleteOthers();
    };
  }

  /** One after the other: what is written is what was taken until then. */
  private alone<T>(action: () => Promise<T>): Promise<T> {
    const done = this.line.then(action);
    this.line = done.catch(() => {});
    return done;
  }

  /** Nothing is kept from then on, and the next visit begins anew: half of what came would be worse. */
  private async giveUp(): Promise<void> {
    const { kept } = this;
    this.kept = undefined;
    this.place = null;
    this.saved = null;
    clearTimeout(this.timer);
    await kept?.clear().catch(() => {});
  }

  override async startup(): Promise<void> {
    const opening = this.open();
    await super.startup();
    await opening;
    if (this.saved || !this.kept) return;
    await this.takeOver().catch(() => this.giveUp());
  }

  private async open(): Promise<void> {
    this.kept = await KeptRooms.open().catch(() => undefined);
    await this.begin().catch(() => this.giveUp());
  }

  private async begin(): Promise<void> {
    const beginning = await this.kept?.begin();
    if (!beginning) return;
    const { joined, place } = beginning;
    const { first, list } = this.order ?? { first: joined, list: [] };
    const wanted = joined.filter((id) => first.includes(id));
    for (const id of sorted(joined, list)) if (!wanted.includes(id)) this.waiting.add(id);
    this.saved = savedOf(beginning, await this.read(wanted));
    this.given.push(...wanted);
    this.place = place;
    this.written = place;
  }

  /** What an earlier version of this client has left in the SDK's own database. */
  private async takeOver(): Promise<void> {
    const left = await this.backend.getSavedSync();
    if (!left) return;
    const { nextBatch, roomsData, accountData } = left;
    await this.take({ next_batch: nextBatch, rooms: roomsData, account_data: { events: accountData } });
    await this.write();
    await this.begin();
    const db = await openDB(`matrix-js-sdk:${SDK_DATABASE}`);
    await Promise.all(['sync', 'accountData'].map((store) => db.clear(store)));
    db.close();
  }

  private async read(ids: readonly string[]): Promise<Map<string, IJoinedRoom>> {
    const rooms = (await this.kept?.joined(ids)) ?? new Map<string, IJoinedRoom>();
    for (const room of rooms.values()) withAges(room);
    return rooms;
  }

  /** What is kept of rooms that wait; undefined: it cannot be read, and only the server can still tell what
   * it was. Never fails. */
  async keptOf(ids: readonly string[]): Promise<ReadonlyMap<string, IJoinedRoom> | undefined> {
    try {
      return this.kept && (await this.read(ids));
    } catch {
      await this.giveUp();
      return undefined;
    }
  }

  private async take({ rooms, account_data: account, next_batch: place }: ISyncResponse): Promise<void> {
    if (!this.kept) return;
    const ids = roomIdsOf(rooms);
    await this.touch(ids);
    for (const id of ids) {
      const room = this.touched.get(id)!;
      room.accumulator.accumulate({ ...NOTHING, rooms: only(rooms, id) });
      room.changed = true;
    }
    for (const event of account?.events ?? []) this.account.set(event.type, event);
    this.place = place;
    this.timer ??= setTimeout(() => void this.save(true), GATHER_MS);
  }

  /** What is kept of them is at hand. */
  private async touch(ids: readonly string[]): Promise<void> {
    const others = ids.filter((id) => !this.touched.has(id));
    const [joined, asked] = await Promise.all([this.kept?.joined(others), this.kept?.asked(others)]);
    for (const id of others) {
      const accumulator = new SyncAccumulator();
      const rooms = noRooms();
      const [room, other] = [joined?.get(id), asked?.get(id)];
      if (room) rooms.join[id] = room;
      if (other) Object.assign(rooms[other.kind], { [id]: other.room });
      accumulator.accumulate({ ...NOTHING, rooms }, true);
      this.touched.set(id, { accumulator, changed: false });
    }
  }

  /** The SDK asks after each sync: what has changed is written without it. */
  override wantsSave(): boolean {
    return false;
  }

  /** `force`: at once, since the page may be about to go. Never fails; what could not be written is written
   * with what comes next. */
  override async save(force = false): Promise<void> {
    if (force) await this.alone(() => this.write()).catch(() => {});
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { kept, place } = this;
    if (!kept || place === null || place === this.written) return;
    const changed = [...this.touched].filter(([, room]) => room.changed);
    const rooms: RoomRecord[] = [];
    const piece = inPieces();
    for (const [id, { accumulator }] of changed) {
      rooms.push(recordOf(id, nowOf(id, accumulator)));
      await piece();
    }
    await kept.write({ place, rooms, account: [...this.account.values()] });
    this.written = place;
    this.account.clear();
    for (const [, room] of changed) room.changed = false;
    if (this.touched.size > AT_HAND) this.touched.clear();
  }

  override async destroy(): Promise<void> {
    clearTimeout(this.timer);
    this.kept?.close();
    this.kept = undefined;
    await super.destroy();
  }
}
