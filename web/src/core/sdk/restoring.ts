// SPDX-License-Identifier: EUPL-1.2
// The rooms of the last visit come back one by one: the one that is looked at first, then those that a sync
// tells something of or that are asked for, and the others while nothing else is to be done. The SDK would
// make all of them, in one piece, before it takes what the server says.
import type { IJoinedRoom, ISyncResponse, MatrixClient } from 'matrix-js-sdk';
import type { CryptoBackend } from 'matrix-js-sdk/lib/common-crypto/CryptoBackend.js';
import { quiet } from '../quiet.ts';
import { inPieces } from './pieces.ts';
import { roomIdsOf, type SyncStore } from './sync-store.ts';

/** What of the SDK makes rooms of a sync. It is its own affair, and there is no other way to it. */
interface SyncApi {
  /** `oldSyncToken`: after which the server has told; undefined: it has told all. */
  processSyncResponse(
    told: { fromCache?: boolean; oldSyncToken?: string | undefined },
    answer: Partial<ISyncResponse>,
  ): Promise<void>;
}

/** Rooms that are read together. */
const TOGETHER = 10;
/** After which nobody waits for a quiet moment any more. */
const PATIENCE_MS = 200;

/** For what needs rooms that may wait. */
export interface Waiting {
  readonly waiting: ReadonlySet<string>;
  /** Of which the SDK could make nothing: one is in them all the same. */
  readonly broken: ReadonlySet<string>;
  /** The SDK knows them from then on, as far as they are kept. Where that cannot be read, this waits for the
   * server; once it is stopped, for ever. */
  restore(ids: readonly string[]): Promise<void>;
  /** The SDK knows all rooms. Never, once it is stopped. */
  all(): Promise<void>;
}

/** Without what it says of those rooms. */
function without(answer: Partial<ISyncResponse>, ids: ReadonlySet<string>): Partial<ISyncResponse> {
  const others = Object.entries(answer.rooms ?? {}).map(([kind, rooms]) => [
    kind,
    Object.fromEntries(Object.entries(rooms as object).filter(([id]) => !ids.has(id))),
  ]);
  return { ...answer, rooms: Object.fromEntries(others) as ISyncResponse['rooms'] };
}

export class Restoring implements Waiting {
  private readonly client: MatrixClient;
  private readonly store: SyncStore;
  private process: SyncApi['processSyncResponse'] | undefined;
  private line: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private begun = false;
  private readonly complete = Promise.withResolvers<void>();
  readonly broken = new Set<string>();
  /** Given what the server tells of what has happened since its answer before, with all rooms that are in it as
   * they were then. */
  onNews: (answer: Partial<ISyncResponse>) => Promise<void> = async () => {};
  /** What is kept cannot be read: until the server has told all anew. */
  private lost: PromiseWithResolvers<void> | undefined;

  constructor(client: MatrixClient, store: SyncStore) {
    this.client = client;
    this.store = store;
  }

  /** To be called when the client has been started, before what comes next. */
  attach(): void {
    const { syncApi } = this.client as unknown as { syncApi: SyncApi };
    const process = syncApi.processSyncResponse.bind(syncApi);
    this.process = process;
    syncApi.processSyncResponse = (told, answer) => this.alone(() => this.take(told, answer));
  }

  /** A room that cannot be made is not half made: what the server says of it is left to when it tells all. */
  private async take(...[told, answer]: Parameters<SyncApi['processSyncResponse']>): Promise<void> {
    if (!told.fromCache && told.oldSyncToken === undefined) return this.takeAll(told, answer);
    this.noteBroken(this.store.given.splice(0));
    await this.make(roomIdsOf(answer.rooms));
    if (!told.fromCache) await this.onNews(answer).catch(() => {});
    await this.process?.(told, this.lost ? without(answer, this.waiting) : answer);
    // With its next sync the SDK asks for all.
    if (this.lost && !told.fromCache) this.store.setSyncToken(null as never);
    return undefined;
  }

  private noteBroken(ids: readonly string[]): void {
    for (const id of ids) if (!this.client.getRoom(id)) this.broken.add(id);
  }

  /** The server has told of all rooms that there are. */
  private async takeAll(...[told, answer]: Parameters<SyncApi['processSyncResponse']>): Promise<void> {
    // Whose devices have changed since what this device knew, nobody tells.
    const crypto = this.client.getCrypto() as CryptoBackend | undefined;
    await crypto?.markAllTrackedUsersAsDirty().catch(() => {});
    try {
      await this.process?.(told, answer);
    } finally {
      this.noteBroken(roomIdsOf(answer.rooms));
      this.store.waiting.clear();
      this.lost?.resolve();
      this.lost = undefined;
    }
  }

  /** The SDK is not made for two at a time. */
  private alone<T>(action: () => Promise<T>): Promise<T> {
    const done = this.line.then(action);
    this.line = done.catch(() => {});
    return done;
  }

  private async make(ids: readonly string[]): Promise<void> {
    const piece = inPieces();
    const next = ids.filter((id) => this.waiting.has(id));
    while (next.length > 0 && !this.stopped && !this.lost) {
      const some = next.splice(0, TOGETHER);
      const kept = await this.store.keptOf(some);
      if (!kept) {
        this.lost = Promise.withResolvers();
        return;
      }
      for (const id of some) {
        await this.makeOne(id, kept.get(id));
        await piece();
      }
    }
  }

  /** One that cannot be made holds up neither the others nor what the server says. */
  private async makeOne(id: string, room: IJoinedRoom | undefined): Promise<void> {
    const rooms = { join: room ? { [id]: room } : {}, invite: {}, leave: {}, knock: {} };
    await this.process?.({ fromCache: true }, { rooms }).catch(() => this.broken.add(id));
    this.store.waiting.delete(id);
  }

  get waiting(): ReadonlySet<string> {
    return this.store.waiting;
  }

  async restore(ids: readonly string[]): Promise<void> {
    if (!ids.some((id) => this.waiting.has(id))) return;
    await this.alone(() => this.make(ids));
    if (ids.some((id) => this.waiting.has(id))) await (this.lost ?? this.complete).promise;
  }

  /** Once what cannot wait is done: the others, a few at a time. */
  async begin(): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    while (this.waiting.size > 0 && !this.stopped) {
      await quiet(PATIENCE_MS);
      await this.restore([...this.waiting].slice(0, TOGETHER));
    }
    if (!this.stopped) this.complete.resolve();
  }

  all(): Promise<void> {
    return this.complete.promise;
  }

  stop(): void {
    this.stopped = true;
  }
}
