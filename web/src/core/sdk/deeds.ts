// SPDX-License-Identifier: EUPL-1.2
// Deletions and leavings, kept in the vault from when they are asked for until they are done or taken back.
import { type MatrixClient, Method, RoomEvent } from 'matrix-js-sdk';
import type { Deed, Deeds } from '../deeds.ts';
import { type Failure, failureOf, isPassing } from '../failure.ts';
import type { Vault } from '../vault.ts';

interface Kept {
  readonly deed: Deed;
  /** What is asked again after a cut is done once. */
  readonly txnId: string;
}

const NAME = 'deeds';
const AGAIN_MS = 5000;
const LONGEST_MS = 60_000;
/** How long what the server has done is waited for. */
const PATIENCE_MS = 10_000;

const same = (a: Deed, b: Deed): boolean => JSON.stringify(a) === JSON.stringify(b);

export class SdkDeeds implements Deeds {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private kept: readonly Kept[] = [];
  private left: readonly Kept[] = [];
  private unread = false;
  private readonly loading: Promise<void>;
  private writing: Promise<void> = Promise.resolve();
  private readonly waiting = new Set<() => void>();

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.vault = vault;
    this.loading = this.load();
  }

  /** Without it, what is asked for is done all the same, and nothing is written over what was not read. */
  private async load(): Promise<void> {
    try {
      this.left = (await this.vault.read<readonly Kept[]>(NAME)) ?? [];
      this.kept = this.left;
    } catch {
      this.unread = true;
    }
  }

  /** What the last visit has left undone. To be called once the server has answered. */
  async begin(): Promise<void> {
    await this.loading;
    for (const { deed } of this.left) void this.carryOut(deed).catch(() => {});
    this.left = [];
  }

  /** There is a network again. */
  resume(): void {
    for (const go of new Set(this.waiting)) go();
  }

  /** All of it, at the end of the session; what is refused is given up. */
  async finish(): Promise<void> {
    await this.loading;
    await Promise.allSettled(this.kept.map((one) => this.ask(one)));
  }

  async intend(deed: Deed): Promise<void> {
    await this.loading;
    await this.write([...this.kept, { deed, txnId: this.client.makeTxnId() }]);
  }

  async takeBack(deed: Deed): Promise<void> {
    await this.loading;
    await this.write(this.kept.filter((one) => !same(one.deed, deed)));
  }

  async carryOut(deed: Deed): Promise<void> {
    await this.loading;
    const kept = this.kept.find((one) => same(one.deed, deed)) ?? { deed, txnId: this.client.makeTxnId() };
    try {
      await this.askUntilAnswered(kept);
    } finally {
      await this.takeBack(deed);
    }
    if (deed.what === 'remove') await this.seen(deed.roomId, deed.eventId);
  }

  private async askUntilAnswered(kept: Kept): Promise<void> {
    for (let pause = AGAIN_MS; ; pause = Math.min(pause * 2, LONGEST_MS)) {
      const failure = await this.ask(kept).then(() => undefined, failureOf);
      if (!failure) return;
      if (!isPassing(failure)) throw failure;
      await this.again(failure, pause);
    }
  }

  private again({ retryAfterMs = 0 }: Failure, pause: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, Math.max(pause, retryAfterMs));
      this.waiting.add(go);
    });
  }

  private async ask({ deed, txnId }: Kept): Promise<void> {
    const { roomId } = deed;
    const room = `/rooms/${encodeURIComponent(roomId)}`;
    if (deed.what === 'remove') {
      const event = encodeURIComponent(deed.eventId);
      await this.request(Method.Put, `${room}/redact/${event}/${encodeURIComponent(txnId)}`);
      return;
    }
    if (deed.successor) await this.raise(roomId, deed.successor);
    await this.request(Method.Post, `${room}/leave`);
    await this.client.forget(roomId).catch(() => {});
  }

  /** Who cannot follow is no reason to stay: the server then chooses. */
  private async raise(roomId: string, userId: string): Promise<void> {
    await this.client.setPowerLevel(roomId, userId, 100).catch((error: unknown) => {
      if (isPassing(failureOf(error))) throw error;
    });
  }

  /** It outlives the page that sends it. */
  private request(method: Method, path: string): Promise<unknown> {
    return this.client.http.authedRequest(method, path, undefined, {}, { keepAlive: true });
  }

  /** Once the deletion has come back, so that the message is not shown in between. */
  private seen(roomId: string, eventId: string): Promise<void> {
    const room = this.client.getRoom(roomId);
    const event = room?.findEventById(eventId);
    if (!room || !event || event.isRedacted()) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        room.off(RoomEvent.Redaction, look);
        resolve();
      };
      const look = () => {
        if (event.isRedacted()) over();
      };
      const timer = setTimeout(over, PATIENCE_MS);
      room.on(RoomEvent.Redaction, look);
    });
  }

  private write(kept: readonly Kept[]): Promise<void> {
    this.kept = kept;
    if (this.unread) return this.writing;
    this.writing = this.writing.then(() => this.vault.write(NAME, kept)).catch(() => {});
    return this.writing;
  }
}
