// SPDX-License-Identifier: EUPL-1.2
// What must survive a reload and be read by nobody else: tokens, the key of the cryptography store, the
// recovery code until it is in safe hands. In IndexedDB, encrypted by a WebCrypto key that cannot be
// taken out of the browser. A copy of the whole profile takes that key along; against a script in the
// page stands the Content-Security-Policy.
import { type IDBPDatabase, openDB } from 'idb';
import { Cell, type Live } from './live.ts';

export const VAULT_DATABASE = 'chappe-vault';
/** The name of the key of what the vault itself keeps. */
const OWN = 'key';
const encode = new TextEncoder();
const decode = new TextDecoder();

/** Encrypts and decrypts values that are kept elsewhere. */
export interface Sealer {
  seal(label: string, value: unknown): Promise<Sealed>;
  /** Rejects what was sealed with another key or under another label. */
  open<T>(label: string, sealed: Sealed): Promise<T>;
  sealBytes(label: string, bytes: BufferSource): Promise<Sealed>;
  openBytes(label: string, sealed: Sealed): Promise<ArrayBuffer>;
}

export interface Vault {
  read<T>(name: string): Promise<T | undefined>;
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
  /** With a key of that name, which dies with the vault. */
  sealer(name: string): Promise<Sealer>;
  /** False: it was wiped, or is another tab's. Then what is kept beside it is not to be changed either. */
  readonly isOurs: boolean;
  /** Everything of this vault, its key first. Nothing is written by way of it from then on: what is still
   * under way must not come back. */
  wipe(): Promise<void>;
}

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

const drawKey = () =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

class KeySealer implements Sealer {
  private readonly key: CryptoKey;

  constructor(key: CryptoKey) {
    this.key = key;
  }

  async sealBytes(label: string, bytes: BufferSource): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const algorithm = { name: 'AES-GCM', iv, additionalData: encode.encode(label) };
    return { iv, data: await crypto.subtle.encrypt(algorithm, this.key, bytes) };
  }

  openBytes(label: string, { iv, data }: Sealed): Promise<ArrayBuffer> {
    const algorithm = { name: 'AES-GCM', iv, additionalData: encode.encode(label) };
    return crypto.subtle.decrypt(algorithm, this.key, data);
  }

  seal(label: string, value: unknown): Promise<Sealed> {
    return this.sealBytes(label, encode.encode(JSON.stringify(value)));
  }

  async open<T>(label: string, sealed: Sealed): Promise<T> {
    return JSON.parse(decode.decode(await this.openBytes(label, sealed))) as T;
  }
}

export class BrowserVault implements Vault {
  private database: Promise<IDBPDatabase> | undefined;
  private wiped = false;

  private readonly kept = new Cell(true);

  /** False from when something could not be written, until something is again: what is typed and not sent
   * does not outlive the page. */
  get keeps(): Live<boolean> {
    return this.kept;
  }

  get isOurs(): boolean {
    return !this.wiped;
  }

  /** One that could not be opened, or was closed by the browser, is opened again when it is next needed. */
  private open(): Promise<IDBPDatabase> {
    const again = () => {
      this.database = undefined;
    };
    this.database ??= openDB(VAULT_DATABASE, 1, {
      upgrade(db) {
        db.createObjectStore('key');
        db.createObjectStore('sealed');
      },
      terminated: again,
    });
    this.database.catch(again);
    return this.database;
  }

  async sealer(name: string): Promise<Sealer> {
    const db = await this.open();
    const kept = (await db.get('key', name)) as CryptoKey | undefined;
    if (kept) return new KeySealer(kept);
    const drawn = await drawKey();
    // Another tab may have been faster: what stands there is the key.
    const tx = db.transaction('key', 'readwrite');
    const first = (await tx.store.get(name)) as CryptoKey | undefined;
    if (!first && !this.wiped) await tx.store.put(drawn, name);
    await tx.done;
    return new KeySealer(first ?? drawn);
  }

  async read<T>(name: string): Promise<T | undefined> {
    const db = await this.open();
    const sealed = (await db.get('sealed', name)) as Sealed | undefined;
    return sealed && (await this.sealer(OWN)).open<T>(name, sealed);
  }

  async write(name: string, value: unknown): Promise<void> {
    try {
      const sealed = await (await this.sealer(OWN)).seal(name, value);
      const db = await this.open();
      if (!this.wiped) await db.put('sealed', sealed, name);
      this.kept.set(true);
    } catch (error) {
      this.kept.set(false);
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await (await this.open()).delete('sealed', name);
  }

  async wipe(): Promise<void> {
    this.wiped = true;
    const db = await this.open();
    await db.clear('key');
    await db.clear('sealed');
  }
}

/** Until the signal: what is kept is another tab's from then on, and nothing is written over it. */
export function vaultUntil(signal: AbortSignal, vault: Vault): Vault {
  return {
    get isOurs() {
      return !signal.aborted && vault.isOurs;
    },
    read: (name) => vault.read(name),
    write: async (name, value) => (signal.aborted ? undefined : vault.write(name, value)),
    remove: async (name) => (signal.aborted ? undefined : vault.remove(name)),
    sealer: (name) => vault.sealer(name),
    wipe: async () => (signal.aborted ? undefined : vault.wipe()),
  };
}

/** For tests. */
export class MemoryVault implements Vault {
  private wiped = false;
  readonly kept = new Map<string, string>();
  private readonly sealers = new Map<string, Promise<Sealer>>();

  get isOurs(): boolean {
    return !this.wiped;
  }

  sealer(name: string): Promise<Sealer> {
    const sealer = this.sealers.get(name) ?? drawKey().then((key) => new KeySealer(key));
    this.sealers.set(name, sealer);
    return sealer;
  }

  async read<T>(name: string): Promise<T | undefined> {
    const text = this.kept.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async write(name: string, value: unknown): Promise<void> {
    if (!this.wiped) this.kept.set(name, JSON.stringify(value));
  }

  async remove(name: string): Promise<void> {
    this.kept.delete(name);
  }

  async wipe(): Promise<void> {
    this.wiped = true;
    this.kept.clear();
  }
}
