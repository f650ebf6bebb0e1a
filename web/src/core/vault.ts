// SPDX-License-Identifier: EUPL-1.2
// What must survive a reload and be read by nobody else: tokens, the key of the cryptography store, the
// recovery code until it is in safe hands. In IndexedDB, encrypted by a WebCrypto key that cannot be
// taken out of the browser. This stops a copy of the files, not a script in the page: against those
// stands the Content-Security-Policy.
import { type IDBPDatabase, openDB } from 'idb';

export const VAULT_DATABASE = 'chappe-vault';
const encode = new TextEncoder();
const decode = new TextDecoder();

export interface Vault {
  read<T>(name: string): Promise<T | undefined>;
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
  /** Everything of this vault, its key first. */
  wipe(): Promise<void>;
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export class BrowserVault implements Vault {
  private database: Promise<IDBPDatabase> | undefined;

  private open(): Promise<IDBPDatabase> {
    this.database ??= openDB(VAULT_DATABASE, 1, {
      upgrade(db) {
        db.createObjectStore('key');
        db.createObjectStore('sealed');
      },
    });
    return this.database;
  }

  private async key(): Promise<CryptoKey> {
    const db = await this.open();
    const kept = (await db.get('key', 'key')) as CryptoKey | undefined;
    if (kept) return kept;
    const drawn = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    // Another tab may have been faster: what stands there is the key.
    const tx = db.transaction('key', 'readwrite');
    const first = (await tx.store.get('key')) as CryptoKey | undefined;
    if (!first) await tx.store.put(drawn, 'key');
    await tx.done;
    return first ?? drawn;
  }

  async read<T>(name: string): Promise<T | undefined> {
    const db = await this.open();
    const sealed = (await db.get('sealed', name)) as Sealed | undefined;
    if (!sealed) return undefined;
    const algorithm = { name: 'AES-GCM', iv: sealed.iv, additionalData: encode.encode(name) };
    const plain = await crypto.subtle.decrypt(algorithm, await this.key(), sealed.data);
    return JSON.parse(decode.decode(plain)) as T;
  }

  async write(name: string, value: unknown): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const algorithm = { name: 'AES-GCM', iv, additionalData: encode.encode(name) };
    const data = await crypto.subtle.encrypt(
      algorithm,
      await this.key(),
      encode.encode(JSON.stringify(value)),
    );
    const db = await this.open();
    await db.put('sealed', { iv, data } satisfies Sealed, name);
  }

  async remove(name: string): Promise<void> {
    await (await this.open()).delete('sealed', name);
  }

  async wipe(): Promise<void> {
    const db = await this.open();
    await db.clear('key');
    await db.clear('sealed');
  }
}

/** For tests. */
export class MemoryVault implements Vault {
  readonly kept = new Map<string, string>();

  async read<T>(name: string): Promise<T | undefined> {
    const text = this.kept.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async write(name: string, value: unknown): Promise<void> {
    this.kept.set(name, JSON.stringify(value));
  }

  async remove(name: string): Promise<void> {
    this.kept.delete(name);
  }

  async wipe(): Promise<void> {
    this.kept.clear();
  }
}
