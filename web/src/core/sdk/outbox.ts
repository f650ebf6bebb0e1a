// SPDX-License-Identifier: EUPL-1.2
// Messages on their way, kept in the vault until the server has them: a crash or a closed page loses
// none, and a transaction id of its own makes each arrive once.
import {
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  SyncState,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { failureOf } from '../failure.ts';
import { Cell } from '../live.ts';
import type { Vault } from '../vault.ts';
import type { Line } from './line.ts';

interface Kept {
  roomId: string;
  txnId: string;
  content: RoomMessageEventContent;
  threadId?: string | null;
}

const NAME = 'outbox';
const AGAIN_MS = 2000;

const UNDER_WAY: readonly (EventStatus | null)[] = [
  EventStatus.ENCRYPTING,
  EventStatus.QUEUED,
  EventStatus.SENDING,
];

/** Once it is known whether it has left. */
async function landed(event: MatrixEvent): Promise<void> {
  while (UNDER_WAY.includes(event.status))
    await new Promise<void>((resolve) => event.once(MatrixEventEvent.Status, () => resolve()));
}

export class Outbox {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private readonly line: Line;
  /** How many the server does not have yet. */
  readonly unsent = new Cell(0);
  private kept: Kept[] = [];
  /** Of the last visit, not yet handed over. */
  private left: Kept[] | undefined;
  private loading: Promise<void> | undefined;
  private beginning: Promise<void> = Promise.resolve();
  private writing: Promise<void> = Promise.resolve();
  private round: Promise<void> | undefined;

  constructor(client: MatrixClient, vault: Vault, line: Line) {
    this.client = client;
    this.line = line;
    this.vault = vault;
  }

  /** What the last visit could not send, in its order. `complete`: the server has said which rooms there
   * are, and what belongs to none of them goes; before that, it waits for the next call. */
  begin(complete: boolean): Promise<void> {
    this.beginning = this.beginning.then(() => this.take(complete)).catch(() => {});
    return this.beginning;
  }

  private async take(complete: boolean): Promise<void> {
    await this.load();
    const left = this.left ?? [];
    const known = (one: Kept) => this.client.getRoom(one.roomId) !== null;
    // One after the other, or a later one could arrive first.
    for (const one of left)
      if (known(one)) await this.hand(one);
      else if (complete) this.forget(one.txnId);
    this.left = left.filter((one) => !known(one) && !complete);
  }

  /** The list of the last visit, once: nothing is written over it before. */
  private load(): Promise<void> {
    this.loading ??= this.vault.read<Kept[]>(NAME).then(
      (left = []) => {
        this.left = left;
        this.kept = left.concat(this.kept);
        this.unsent.set(this.kept.length);
      },
      (error: unknown) => {
        this.loading = undefined;
        throw error;
      },
    );
    return this.loading;
  }

  async send(
    roomId: string,
    content: RoomMessageEventContent,
    threadId: string | null = null,
  ): Promise<void> {
    const kept = { roomId, txnId: this.client.makeTxnId(), content, threadId };
    // Without the vault it leaves all the same.
    await this.load().catch(() => {});
    this.kept = [...this.kept, kept];
    this.write();
    await this.hand(kept);
  }

  private async hand({ roomId, txnId, content, threadId }: Kept): Promise<void> {
    this.line.enter(roomId, txnId);
    try {
      await this.client.sendMessage(roomId, threadId ?? null, content, txnId);
      this.forget(txnId);
    } catch (error) {
      this.later(txnId, error);
    }
  }

  /** It stands in the room as unsent, with a way to send it again. What only the network stopped leaves by
   * itself: at the return of the connection, or soon when it is back already. */
  private later(txnId: string | undefined, error: unknown): void {
    const isCut = failureOf(error).code === 'OFFLINE';
    this.line.stop(txnId, isCut ? 'cut' : 'refused');
    const online = this.client.getSyncState() === SyncState.Syncing;
    if (online && isCut) setTimeout(() => void this.resendAll(), AGAIN_MS);
  }

  /** False when it could not leave now either, for want of a connection. */
  async resend(event: MatrixEvent, room: Room): Promise<boolean> {
    const txnId = event.getTxnId();
    if (txnId) this.line.enter(room.roomId, txnId);
    try {
      await this.client.resendEvent(event, room);
      this.forget(txnId);
      return true;
    } catch (error) {
      this.later(txnId, error);
      return failureOf(error).code !== 'OFFLINE';
    }
  }

  /** After a cut: everything that could not leave, in order, one round at a time. */
  resendAll(): Promise<void> {
    this.round ??= this.resendRound().finally(() => {
      this.round = undefined;
    });
    return this.round;
  }

  private async resendRound(): Promise<void> {
    for (const room of this.client.getRooms()) await this.resendRoom(room);
  }

  // One that is still under way, or is stopped again, is not overtaken by those that were written after it.
  private async resendRoom(room: Room): Promise<void> {
    // A copy: what leaves leaves the list too.
    for (const event of room.getPendingEvents().slice()) {
      await landed(event);
      if (event.status === EventStatus.NOT_SENT && !(await this.resend(event, room))) return;
    }
  }

  async discard(event: MatrixEvent): Promise<void> {
    this.client.cancelPendingEvent(event);
    this.forget(event.getTxnId());
  }

  private forget(txnId: string | undefined): void {
    this.line.leave(txnId);
    this.kept = this.kept.filter((one) => one.txnId !== txnId);
    this.write();
  }

  private write(): void {
    this.unsent.set(this.kept.length);
    if (!this.left) return;
    this.writing = this.writing.then(() => this.vault.write(NAME, this.kept)).catch(() => {});
  }
}
