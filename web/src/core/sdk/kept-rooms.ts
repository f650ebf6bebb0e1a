// SPDX-License-Identifier: EUPL-1.2
// Where what the syncs have brought is kept for the next visit. Each room is a record of its own, so that a
// visit reads those that it needs and writes those that have changed; one transaction writes what belongs
// together, so that no room stands behind the place up to which it is told. Records are JSON: IndexedDB copies
// a text many times faster than the objects in it.
import { type IDBPDatabase, openDB } from 'idb';
import { KEPT_DATABASE } from '../stores.ts';
import type { IInvitedRoom, IJoinedRoom, IKnockedRoom, IMinimalEvent } from 'matrix-js-sdk';

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

const parsed = <T>(text: unknown): T => JSON.parse(String(text)) as T;

export class KeptRooms {
  private db: IDBPDatabase;
  /** The browser has closed it, as it does when the process that keeps storage has gone. */
  private gone = false;

  private constructor(db: IDBPDatabase) {
    this.db = db;
  }

  static async open(): Promise<KeptRooms> {
    const kept: KeptRooms = new KeptRooms(await KeptRooms.connect(() => kept.lose()));
    return kept;
  }

  private static connect(terminated: () => void): Promise<IDBPDatabase> {
    return openDB(KEPT_DATABASE, 1, {
      upgrade(made) {
        for (const store of [JOINED, ASKED, ACCOUNT, PLACE]) made.createObjectStore(store);
      },
      // It is to be deleted.
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
      terminated,
    });
  }

  private lose(): void {
    this.gone = true;
  }

  /** What failed because the browser has closed the database is done once more. Each is one transaction. */
  private async on<T>(action: (db: IDBPDatabase) => Promise<T>): Promise<T> {
    try {
      return await action(this.db);
    } catch (error) {
      if (!this.gone) throw error;
      this.gone = false;
      this.db = await KeptRooms.connect(() => this.lose());
      return action(this.db);
    }
  }

  /** Undefined: nothing is kept. */
  begin(): Promise<Beginning | undefined> {
    return this.on((db) => this.readBeginning(db));
  }

  private async readBeginning(db: IDBPDatabase): Promise<Beginning | undefined> {
    const tx = db.transaction([JOINED, ASKED, ACCOUNT, PLACE]);
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
      asked: new Map(ids.map((id, i) => [String(id), parsed<AskedRoom>(asked[i])])),
      account: account.map((text) => parsed<IMinimalEvent>(text)),
    };
  }

  private async read<T>(name: string, ids: readonly string[]): Promise<Map<string, T>> {
    const texts = await this.on((db) => {
      const { store } = db.transaction(name);
      return Promise.all(ids.map((id) => store.get(id)));
    });
    return new Map(ids.flatMap((id, i) => (texts[i] === undefined ? [] : [[id, parsed<T>(texts[i])]])));
  }

  /** Of those that are kept. */
  joined(ids: readonly string[]): Promise<Map<string, IJoinedRoom>> {
    return this.read(JOINED, ids);
  }

  asked(ids: readonly string[]): Promise<Map<string, AskedRoom>> {
    return this.read(ASKED, ids);
  }

  async write({ place, rooms, account }: Changes): Promise<void> {
    await this.on((db) => {
      const tx = db.transaction([JOINED, ASKED, ACCOUNT, PLACE], 'readwrite');
      const done: Promise<unknown>[] = [tx.done];
      for (const { id, kind, text } of rooms) {
        done.push(tx.objectStore(kind === JOINED ? ASKED : JOINED).delete(id));
        const store = tx.objectStore(kind);
        done.push(text === undefined ? store.delete(id) : store.put(text, id));
      }
      for (const event of account) done.push(tx.objectStore(ACCOUNT).put(JSON.stringify(event), event.type));
      done.push(tx.objectStore(PLACE).put(place, PLACE));
      return Promise.all(done);
    });
  }

  async clear(): Promise<void> {
    await this.on((db) => {
      const tx = db.transaction([JOINED, ASKED, ACCOUNT, PLACE], 'readwrite');
      const stores = [JOINED, ASKED, ACCOUNT, PLACE].map((store) => tx.objectStore(store).clear());
      return Promise.all([...stores, tx.done]);
    });
  }

  /** For good: nothing is read or written by way of it from then on. */
  close(): void {
    this.gone = false;
    this.db.close();
  }
}
