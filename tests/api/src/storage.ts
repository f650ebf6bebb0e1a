// SPDX-License-Identifier: EUPL-1.2
// Where a server keeps its files, as the tests look at it from outside: a directory, or S3-compatible
// storage. The tests of files are run on both.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { S3 } from './s3.ts';

type Bytes = Uint8Array | string;
interface Place {
  dataDir: string;
}

export const hashOf = (bytes: Bytes) => createHash('sha256').update(bytes).digest('hex');
export const nameOf = (bytes: Bytes) => {
  const hash = hashOf(bytes);
  return `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`;
};

export abstract class Storage {
  /** What makes a server keep its files there; before it is started. */
  abstract settings(dataDir: string): Promise<Record<string, string>>;
  abstract dispose(): Promise<void>;
  /** The file of a content. */
  protected abstract fileOf(server: Place, bytes: Bytes): string;
  protected abstract directory(server: Place): string;
  /** Where all contents are, each a file that ends so. */
  protected abstract all(server: Place): [directory: string, ending: string];
  /** No copy of it is at hand any more. */
  forget(_server: Place, _bytes: Bytes): void {}

  /** What is under way. */
  incoming(server: Place): string[] {
    const names = readdirSync(join(this.directory(server), '.incoming'));
    return names.filter((name) => !name.startsWith('.'));
  }

  count(server: Place): number {
    const [directory, ending] = this.all(server);
    return readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && /^[0-9a-f]{64}/.test(entry.name) && entry.name.endsWith(ending),
    ).length;
  }

  has(server: Place, bytes: Bytes): boolean {
    return existsSync(this.fileOf(server, bytes));
  }

  /** Behind the server's back. contents: other bytes than those of the name. */
  put(server: Place, bytes: Bytes, options: { contents?: Bytes; ageMs?: number } = {}): void {
    const file = this.fileOf(server, bytes);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, options.contents ?? bytes);
    const changed = (Date.now() - (options.ageMs ?? 0)) / 1000;
    utimesSync(file, changed, changed);
    this.forget(server, bytes);
  }

  remove(server: Place, bytes: Bytes): void {
    rmSync(this.fileOf(server, bytes));
    this.forget(server, bytes);
  }

  /** Something with another name beside a content. Gives what takes it away. */
  stray(server: Place, bytes: Bytes): () => void {
    const content = this.fileOf(server, bytes);
    const file = join(dirname(content), basename(content).replace(hashOf(bytes), `${hashOf(bytes)}.stray`));
    writeFileSync(file, '');
    return () => rmSync(file);
  }
}

class PathStorage extends Storage {
  async settings(): Promise<Record<string, string>> {
    return {};
  }

  async dispose(): Promise<void> {}

  protected directory(server: Place): string {
    return join(server.dataDir, 'media');
  }

  protected all(server: Place): [string, string] {
    return [this.directory(server), ''];
  }

  protected fileOf(server: Place, bytes: Bytes): string {
    return join(this.directory(server), nameOf(bytes));
  }
}

export class S3Storage extends Storage {
  private s3: S3 | undefined;

  async settings(dataDir: string): Promise<Record<string, string>> {
    if (!this.s3) {
      this.s3 = new S3();
      await this.s3.start();
    }
    return this.s3.settings(dataDir, basename(dataDir));
  }

  get front(): S3 {
    if (!this.s3) throw new Error('no server keeps its files there yet');
    return this.s3;
  }

  async dispose(): Promise<void> {
    await this.s3?.dispose();
    this.s3 = undefined;
  }

  protected directory(server: Place): string {
    return join(server.dataDir, 'media-cache');
  }

  protected all(server: Place): [string, string] {
    return [dirname(dirname(dirname(this.fileOf(server, '')))), '._S3rver_object'];
  }

  protected fileOf(server: Place, bytes: Bytes): string {
    if (!this.s3) throw new Error('no server keeps its files there yet');
    return this.s3.fileOf(basename(server.dataDir), nameOf(bytes));
  }

  override forget(server: Place, bytes: Bytes): void {
    rmSync(join(this.directory(server), 'copies', hashOf(bytes)), { force: true });
  }
}

let chosen: Storage = new PathStorage();

/** Before the tests that use it are loaded. */
export function keepFilesInS3(): void {
  chosen = new S3Storage();
}

export const storage = (): Storage => chosen;
