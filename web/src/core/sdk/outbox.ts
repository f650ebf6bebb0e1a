// SPDX-License-Identifier: EUPL-1.2
// Messages on their way, kept in the vault until the server has them: a crash or a closed page loses
// none, and a transaction id of its own makes each arrive once.
import { EventStatus, type MatrixClient, type MatrixEvent, type Room, SyncState } from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { failureOf } from '../failure.ts';
import type { Vault } from '../vault.ts';

interface Kept {
  roomId: string;
  txnId: string;
  content: RoomMessageEventContent;
  threadId?: string | null;
}

const NAME = 'outbox';
const AGAIN_MS = 2000;

export class Outbox {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private kept: Kept[] = [];
  private writing: Promise<void> = Promise.resolve();
  private round: Promise<void> | undefined;

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.vault = vault;
  }

  /** What the last visit could not send, in its order. To be called once the rooms are known. */
  async begin(): Promise<void> {
    const left = (await this.vault.read<Kept[]>(NAME)) ?? [];
    this.kept = left.concat(this.kept);
    for (const one of left)
      if (this.client.getRoom(one.roomId)) void this.hand(one);
      else this.forget(one.txnId);
  }

  async send(
    roomId: string,
    content: RoomMessageEventContent,
    threadId: string | null = null,
  ): Promise<void> {
    const kept = { roomId, txnId: this.client.makeTxnId(), content, threadId };
    this.kept = [...this.kept, kept];
    this.write();
    await this.hand(kept);
  }

  private async hand({ roomId, txnId, content, threadId }: Kept): Promise<void> {
    try {
      await this.client.sendMessage(roomId, threadId ?? null, content, txnId);
      this.forget(txnId);
    } catch (error) {
      this.later(error);
    }
  }

  /** It stands in the room as unsent, with a way to send it again. What only the network stopped leaves by
   * itself: at the return of the connection, or soon when it is back already. */
  private later(error: unknown): void {
    const online = this.client.getSyncState() === SyncState.Syncing;
    if (online && failureOf(error).code === 'OFFLINE') setTimeout(() => void this.resendAll(), AGAIN_MS);
  }

  async resend(event: MatrixEvent, room: Room): Promise<void> {
    try {
      await this.client.resendEvent(event, room);
      this.forget(event.getTxnId());
    } catch (error) {
      this.later(error);
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
    // A copy: what leaves leaves the list too.
    for (const room of this.client.getRooms())
      for (const event of room.getPendingEvents().slice())
        if (event.status === EventStatus.NOT_SENT) await this.resend(event, room);
  }

  async discard(event: MatrixEvent): Promise<void> {
    this.client.cancelPendingEvent(event);
    this.forget(event.getTxnId());
  }

  private forget(txnId: string | undefined): void {
    this.kept = this.kept.filter((one) => one.txnId !== txnId);
    this.write();
  }

  private write(): void {
    this.writing = this.writing.then(() => this.vault.write(NAME, this.kept)).catch(() => {});
  }
}
