// SPDX-License-Identifier: EUPL-1.2
// Where what the syncs have brought is kept for the next visit. Each room is a record of its own, so that a
// visit reads those that it needs and writes those that have changed; one transaction writes what belongs
// together, so that no room stands behind the place up to which it is told. Records are JSON: IndexedDB copies
// a text many times faster than the objects in it.
import { type IDBPDatabase, openDB } from 'idb';
import type { IInvitedRoom, IJoinedRoom, IKnockedRoom, IMinimalEvent } from 'matrix-js-sdk';

export const KEPT_DATABASE = 'chappe-sync-rooms';
const JOINED = 'joined';
const ASKED = 'asked';
const ACCOUNT = 'account';
const PLACE = 'place';

/** A room that one is invited to, or has asked to be let into. */
export type AskedRoom =
  | { readonly kind: 'invite'; readonly room: IInvitedRoom }
  | { readonly kind: 'knock'; readonly room: IKnockedRoom };

export interface Beginning {
  /** The token of the sync up to which all is kept. */
  readonly place: string;
  readonly joined: readonly string[];
  readonly asked: ReadonlyMap<string, AskedRoom>;
  readonly account: readonly IMinimalEvent[];
}

/** What has become of a room; undefined: one is not in it, nor asked. */
export type RoomNow = { readonly kind: 'join'; readonly room: IJoinedRoom } | AskedRoom | undefined;

export interface RoomRecord {
  readonly id: string;
  readonly kind: 'joined' | 'asked';
  /** Undefined: none is kept. */
  readonly text: string | undefined;
}

export interface Changes {
  readonly place: string;
  readonly rooms: readonly RoomRecord[];
  readonly account: readonly IMinimalEvent[];
}

export function recordOf(id: string, now: RoomNow): RoomRecord {
  if (now?.kind === 'join') return { id, kind: JOINED, text: JSON.stringify(now.room) };
  return { id, kind: ASKED, text: now && JSON.stringify(now) };
}

const read = <T>(text: unknown): T => JSON.parse(String(text)) as T;

export class KeptRooms {
  private readonly db: IDBPDatabase;

  private constructor(db: IDBPDatabase) {
    this.db = db;
  }

  static async open(): Promise<KeptRooms> {
    const db = await openDB(KEPT_DATABASE, 1, {
      upgrade(made) {
        for (const store of [JOINED, ASKED, ACCOUNT, PLACE]) made.createObjectStore(store);
      },
      // It is to be deleted.
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    });
    return new KeptRooms(db);
  }

  /** Undefined: nothing is kept. */
  async begin(): Promise<Beginning | undefined> {
    const tx = this.db.transaction([JOINED, ASKED, ACCOUNT, PLACE]);
    const [place, joined, ids, asked, account] = await Promise.all([
      tx.objectStore(PLACE).get(PLACE) as Promise<string | undefined>,
      tx.objectStore(JOINED).getAllKeys(),
      tx.objectStore(ASKED).getAllKeys(),
      tx.objectStore(ASKED).getAll(),
      tx.objectStore(ACCOUNT).getAll(),
    ]);
    if (place === undefined) return undefined;
    return {
      place,
      joined: joined.map(String),
      asked: new Map(ids.map((id, i) => [String(id), read<AskedRoom>(asked[i])])),
      account: account.map((text) => read<IMinimalEvent>(text)),
    };
  }

  /** Of those that are kept. */
  async joined(ids: readonly string[]): Promise<Map<string, IJoinedRoom>> {
    const store = this.db.transaction(JOINED).store;
    const texts = await Promise.all(ids.map((id) => store.get(id)));
    return new Map(
      ids.flatMap((id, i) => (texts[i] === undefined ? [] : [[id, read<IJoinedRoom>(texts[i])]])),
    );
  }

  async asked(ids: readonly string[]): Promise<Map<string, AskedRoom>> {
    const store = this.db.transaction(ASKED).store;
    const texts = await Promise.all(ids.map((id) => store.get(id)));
    return new Map(ids.flatMap((id, i) => (texts[i] === undefined ? [] : [[id, read<AskedRoom>(texts[i])]])));
  }

  async write({ place, rooms, account }: Changes): Promise<void> {
    const tx = this.db.transaction([JOINED, ASKED, ACCOUNT, PLACE], 'readwrite');
    const done: Promise<unknown>[] = [tx.done];
    for (const { id, kind, text } of rooms) {
      done.push(tx.objectStore(kind === JOINED ? ASKED : JOINED).delete(id));
      const store = tx.objectStore(kind);
      done.push(text === undefined ? store.delete(id) : store.put(text, id));
    }
    for (const event of account) done.push(tx.objectStore(ACCOUNT).put(JSON.stringify(event), event.type));
    done.push(tx.objectStore(PLACE).put(place, PLACE));
    await Promise.all(done);
  }

  async clear(): Promise<void> {
    const tx = this.db.transaction([JOINED, ASKED, ACCOUNT, PLACE], 'readwrite');
    await Promise.all([
      ...[JOINED, ASKED, ACCOUNT, PLACE].map((store) => tx.objectStore(store).clear()),
      tx.done,
    ]);
  }

  close(): void {
    this.db.close();
  }
}
