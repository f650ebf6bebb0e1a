// SPDX-License-Identifier: EUPL-1.2
// The rooms of the last visit come back one by one: the one that is looked at first, then those that a sync
// tells something of or that are asked for, and the others while nothing else is to be done. The SDK would
// make all of them, in one piece, before it takes what the server says.
import type { ISyncResponse, MatrixClient } from 'matrix-js-sdk';
import { quiet } from '../quiet.ts';
import { inPieces } from './pieces.ts';
import { roomIdsOf, type SyncStore } from './sync-store.ts';

/** What of the SDK makes rooms of a sync. It is its own affair, and there is no other way to it. */
interface SyncApi {
  processSyncResponse(told: { fromCache?: boolean }, answer: Partial<ISyncResponse>): Promise<void>;
}

/** Rooms that are read together. */
const TOGETHER = 10;
/** After which nobody waits for a quiet moment any more. */
const PATIENCE_MS = 200;

/** For what needs rooms that may wait. */
export interface Waiting {
  readonly waiting: ReadonlySet<string>;
  /** The SDK knows them from then on, as far as they are kept. */
  restore(ids: readonly string[]): Promise<void>;
  /** The SDK knows all rooms. */
  all(): Promise<void>;
}

export class Restoring implements Waiting {
  private readonly client: MatrixClient;
  private readonly store: SyncStore;
  private process: SyncApi['processSyncResponse'] | undefined;
  private line: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private begun = false;
  private readonly complete = Promise.withResolvers<void>();

  constructor(client: MatrixClient, store: SyncStore) {
    this.client = client;
    this.store = store;
  }

  /** To be called when the client has been started, before what comes next. */
  attach(): void {
    const { syncApi } = this.client as unknown as { syncApi: SyncApi };
    const process = syncApi.processSyncResponse.bind(syncApi);
    this.process = process;
    syncApi.processSyncResponse = (told, answer) =>
      this.alone(async () => {
        await this.make(roomIdsOf(answer.rooms));
        await process(told, answer);
      });
  }

  /** The SDK is not made for two at a time. */
  private alone<T>(action: () => Promise<T>): Promise<T> {
    const done = this.line.then(action);
    this.line = done.catch(() => {});
    return done;
  }

  private async make(ids: readonly string[]): Promise<void> {
    const piece = inPieces();
    const { process, store } = this;
    if (!process) return;
    const next = ids.filter((id) => store.waiting.has(id));
    while (next.length > 0 && !this.stopped) {
      const ids = next.splice(0, TOGETHER);
      for (const [id, room] of await store.keptOf(ids)) {
        const rooms = { join: { [id]: room }, invite: {}, leave: {}, knock: {} };
        // One that cannot be made holds up neither the others nor what the server says.
        await process({ fromCache: true }, { rooms }).catch(() => {});
        await piece();
      }
      for (const id of ids) store.waiting.delete(id);
    }
  }

  get waiting(): ReadonlySet<string> {
    return this.store.waiting;
  }

  restore(ids: readonly string[]): Promise<void> {
    if (!ids.some((id) => this.waiting.has(id))) return Promise.resolve();
    return this.alone(() => this.make(ids));
  }

  /** Once what cannot wait is done: the others, a few at a time. */
  async begin(): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    while (this.store.waiting.size > 0 && !this.stopped) {
      await quiet(PATIENCE_MS);
      await this.restore([...this.store.waiting].slice(0, TOGETHER));
    }
    this.complete.resolve();
  }

  all(): Promise<void> {
    return this.complete.promise;
  }

  stop(): void {
    this.stopped = true;
  }
}
