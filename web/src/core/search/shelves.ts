// SPDX-License-Identifier: EUPL-1.2
// Where the index is kept: IndexedDB, every record sealed under a key that dies with the vault. In clear
// stand only running numbers: neither rooms nor people nor words nor hours.
import { type IDBPDatabase, openDB } from 'idb';
import type { Sealed, Sealer } from '../vault.ts';
import type { Kept, Segment } from './shard.ts';

export const SEARCH_DATABASE = 'chappe-search';

/** Older messages of a room that are still to be read: from a token of the server, or from the end, down
 * to an event that is known, or to the beginning. */
export interface Walk {
  readonly token: string | undefined;
  readonly until: string | undefined;
  /** How far it has come; ms. Undefined: it has not begun. */
  readonly at: number | undefined;
}

export interface SegmentInfo {
  readonly m: number;
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** What is known of a room's part of the index. */
export interface Shelf {
  readonly n: number;
  readonly roomId: string;
  readonly segments: readonly SegmentInfo[];
  readonly walks: readonly Walk[];
  /** The last event of the room that the index has seen. */
  readonly newest: string | undefined;
  /** Some of what was read could not be decrypted. */
  readonly holes: boolean;
  /** What was said before is not kept; ms. */
  readonly cut: number | undefined;
}

/** Of the records. */
const SHAPE = 2;
const ROOMS = 'rooms';
const SEGMENTS = 'segments';
const label = (...numbers: number[]): string => `search ${numbers.join(' ')}`;

export class Shelves {
  private readonly sealer: Sealer;
  private readonly db: IDBPDatabase;

  private constructor(sealer: Sealer, db: IDBPDatabase) {
    this.sealer = sealer;
    this.db = db;
  }

  static async open(sealer: Sealer): Promise<Shelves> {
    const db = await openDB(SEARCH_DATABASE, SHAPE, {
      // What has another shape is read anew from the server.
      upgrade(made) {
        for (const store of [ROOMS, SEGMENTS]) {
          if (made.objectStoreNames.contains(store)) made.deleteObjectStore(store);
          made.createObjectStore(store);
        }
      },
    });
    return new Shelves(sealer, db);
  }

  close(): void {
    this.db.close();
  }

  /** What an earlier visit has left; what cannot be opened (the key was lost) is thrown away with the rest. */
  async all(): Promise<readonly Shelf[]> {
    const [keys, sealed] = await Promise.all([this.db.getAllKeys(ROOMS), this.db.getAll(ROOMS)]);
    try {
      return await Promise.all(
        (sealed as Sealed[]).map((one, i) => this.sealer.open<Shelf>(label(Number(keys[i])), one)),
      );
    } catch {
      await this.clear();
      return [];
    }
  }

  private async clear(): Promise<void> {
    await this.db.clear(ROOMS);
    await this.db.clear(SEGMENTS);
  }

  async segment(n: number, m: number): Promise<readonly Kept[]> {
    const sealed = (await this.db.get(SEGMENTS, [n, m])) as Sealed | undefined;
    return sealed ? this.sealer.open<Kept[]>(label(n, m), sealed) : [];
  }

  /** A room and those of its segments that have changed or are no more, at once. */
  async write(shelf: Shelf, changed: readonly Segment[], gone: readonly number[]): Promise<void> {
    const { n } = shelf;
    const room = await this.sealer.seal(label(n), shelf);
    const segments = await Promise.all(
      changed.map(({ m, entries }) => this.sealer.seal(label(n, m), entries)),
    );
    const tx = this.db.transaction([ROOMS, SEGMENTS], 'readwrite');
    const store = tx.objectStore(SEGMENTS);
    await Promise.all([
      tx.objectStore(ROOMS).put(room, n),
      ...segments.map((one, i) => store.put(one, [n, changed[i]!.m])),
      ...gone.map((m) => store.delete([n, m])),
      tx.done,
    ]);
  }

  async remove({ n, segments }: Shelf): Promise<void> {
    const tx = this.db.transaction([ROOMS, SEGMENTS], 'readwrite');
    const store = tx.objectStore(SEGMENTS);
    await Promise.all([
      tx.objectStore(ROOMS).delete(n),
      ...segments.map(({ m }) => store.delete([n, m])),
      tx.done,
    ]);
  }
}
