// SPDX-License-Identifier: EUPL-1.2
// Files that were chosen and not sent, for each place to write: a reload or a crash loses none. Their bytes
// stand in a database of their own under running numbers, sealed with a key of the vault; whose they are, and
// what they are called, is in the vault.
import { type IDBPDatabase, openDB } from 'idb';
import type { Sealed, Sealer, Vault } from './vault.ts';

export interface KeptFile {
  readonly id: number;
  readonly file: File;
  readonly description: string;
}

interface Entry {
  readonly id: number;
  readonly place: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly description: string;
}

interface Bounds {
  /** Bytes of one file, and of all. */
  readonly one: number;
  readonly all: number;
}

const NAME = 'files';
const DATABASE = 'chappe-drafts';
const MEGABYTE = 1024 * 1024;
/** A file is encrypted as a whole, in memory. */
const BOUNDS: Bounds = { one: 25 * MEGABYTE, all: 100 * MEGABYTE };

const label = (id: number): string => `file ${id}`;

export class KeptFiles {
  private readonly vault: Vault;
  private readonly bounds: Bounds;
  private entries: readonly Entry[] | undefined;
  private opened: Promise<[IDBPDatabase, Sealer]> | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private changed = false;

  constructor(vault: Vault, bounds = BOUNDS) {
    this.vault = vault;
    this.bounds = bounds;
  }

  private open(): Promise<[IDBPDatabase, Sealer]> {
    const again = () => {
      this.opened = undefined;
    };
    const database = () =>
      openDB(DATABASE, 1, { upgrade: (db) => void db.createObjectStore(NAME), terminated: again });
    this.opened ??= Promise.all([database(), this.vault.sealer('drafts')]);
    this.opened.catch(again);
    return this.opened;
  }

  /** One after the other: what is read is what was written before. */
  private alone<T>(action: () => Promise<T>): Promise<T> {
    const done = this.last.then(action);
    this.last = done.catch(() => {});
    return done;
  }

  private async all(): Promise<readonly Entry[]> {
    this.entries ??= (await this.vault.read<readonly Entry[]>(NAME)) ?? [];
    return this.entries;
  }

  private async write(entries: readonly Entry[]): Promise<void> {
    this.entries = entries;
    await this.vault.write(NAME, entries);
  }

  /** In the order in which they were chosen. Never fails: what cannot be read is not there. */
  read(place: string): Promise<readonly KeptFile[]> {
    return this.alone(async () => {
      const mine = (await this.all()).filter((one) => one.place === place);
      if (mine.length === 0) return [];
      const found = await Promise.all(mine.map((one) => this.load(one)));
      return found.filter((one) => one !== undefined);
    }).catch(() => []);
  }

  private async load({ id, name, type, description }: Entry): Promise<KeptFile | undefined> {
    const [db, sealer] = await this.open();
    const sealed = (await db.get(NAME, id)) as Sealed | undefined;
    const bytes = sealed && (await sealer.openBytes(label(id), sealed).catch(() => undefined));
    return bytes && { id, file: new File([bytes], name, { type }), description };
  }

  /** Its number; undefined: it is too large, or the browser has no place for it. */
  add(place: string, file: File): Promise<number | undefined> {
    return this.alone(async () => {
      const before = await this.all();
      const total = before.reduce((sum, { size }) => sum + size, 0);
      if (file.size > this.bounds.one || total + file.size > this.bounds.all) return undefined;
      const [db, sealer] = await this.open();
      const id = Math.max(0, ...before.map((one) => one.id)) + 1;
      const sealed = await sealer.sealBytes(label(id), await file.arrayBuffer());
      // Its number may be of another file of the tab that has them now.
      if (!this.vault.isOurs) return undefined;
      await db.put(NAME, sealed, id);
      const { name, type, size } = file;
      await this.write([...before, { id, place, name, type, size, description: '' }]);
      return id;
    }).catch(() => undefined);
  }

  /** What was typed while one was written is written once. Never fails. */
  async describe(id: number, description: string): Promise<void> {
    await this.alone(async () => {
      const entries = await this.all();
      this.entries = entries.map((one) => (one.id === id ? { ...one, description } : one));
      this.changed = true;
    }).catch(() => {});
    await this.alone(async () => {
      if (!this.changed) return;
      this.changed = false;
      await this.write(await this.all());
    }).catch(() => {});
  }

  /** Never fails. */
  forget(id: number): Promise<void> {
    return this.drop((one) => one.id === id);
  }

  /** Of rooms that one is not in any more. Never fails. */
  async tidy(roomIds: ReadonlySet<string>): Promise<void> {
    // A place is a room, or a room and what is answered in it.
    await this.drop(({ place }) => !roomIds.has(place.split(' ')[0] ?? ''));
  }

  private drop(goes: (entry: Entry) => boolean): Promise<void> {
    return this.alone(async () => {
      const entries = await this.all();
      const rest = entries.filter((one) => !goes(one));
      if (rest.length === entries.length) return;
      await this.write(rest);
      const [db] = await this.open();
      // With them go bytes that a crash has left without a name.
      const known = new Set(rest.map(({ id }) => id));
      // Or what another tab has added, which has them now.
      for (const id of await db.getAllKeys(NAME))
        if (!known.has(Number(id)) && this.vault.isOurs) await db.delete(NAME, id);
    }).catch(() => {});
  }
}

const known = new WeakMap<Vault, KeptFiles>();

/** Those of a vault: a visit that begins with what the last one showed has two sessions, one after the other. */
export function keptFilesOf(vault: Vault): KeptFiles {
  const files = known.get(vault) ?? new KeptFiles(vault);
  known.set(vault, files);
  return files;
}
