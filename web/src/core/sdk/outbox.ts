// SPDX-License-Identifier: EUPL-1.2
// Messages on their way, kept in the vault until the server has them: a crash or a closed page loses
// none, and a transaction id of its own makes each arrive once.
import {
  EventStatus,
  type MatrixClient,
  type MatrixError,
  MatrixEvent,
  MatrixEventEvent,
  type Room,
  SyncState,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { Failure, failureOf, isPassing } from '../failure.ts';
import { Cell } from '../live.ts';
import type { Held } from '../timeline.ts';
import type { Vault } from '../vault.ts';
import type { Line } from './line.ts';
import { failureWhen, heldBy } from './recipients.ts';
import type { Waiting } from './restoring.ts';

interface Kept {
  roomId: string;
  txnId: string;
  content: RoomMessageEventContent;
  threadId?: string | null;
  /** The server would not have it: it waits for its author, also at the next visit. */
  refused?: boolean;
  /** Why it was held back; it leaves by itself once nothing holds it. */
  held?: Held | undefined;
}

const NAME = 'outbox';
const AGAIN_MS = 2000;
const LONGEST_MS = 60_000;

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

/** Of what the SDK has not tried: as it would say it. */
const CUT = new Failure('OFFLINE') as unknown as MatrixError;
const REFUSED = new Failure('REFUSED') as unknown as MatrixError;

type Stopped = Pick<MatrixEvent, 'status' | 'error'>;

/** The network, or a server that is busy, stopped it: it leaves again by itself. */
const wasCut = ({ status, error }: Stopped): boolean =>
  status === EventStatus.NOT_SENT && Boolean(error) && isPassing(failureOf(error));

/** For what it is: it waits for its author. */
const wasRefused = ({ status, error }: Stopped): boolean =>
  status === EventStatus.NOT_SENT && Boolean(error) && !isPassing(failureOf(error)) && !heldBy(error);

export class Outbox {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private readonly line: Line;
  private readonly rooms: Pick<Waiting, 'restore' | 'broken'>;
  /** How many the server does not have yet. */
  readonly unsent = new Cell(0);
  private kept: Kept[] = [];
  /** Of the last visit, not yet handed over. */
  private left: Kept[] | undefined;
  private loading: Promise<void> | undefined;
  private readonly readying = new Map<string, Promise<void>>();
  private beginning: Promise<void> = Promise.resolve();
  private writing: Promise<void> = Promise.resolve();
  private round: Promise<void> | undefined;
  /** Something has changed since the round began. */
  private again = false;
  private pause = AGAIN_MS;

  constructor(client: MatrixClient, vault: Vault, line: Line, rooms: Pick<Waiting, 'restore' | 'broken'>) {
    this.client = client;
    this.line = line;
    this.rooms = rooms;
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
    const rooms = [...new Set(this.left?.map(({ roomId }) => roomId))];
    await Promise.all(rooms.map((id) => this.ready(id)));
    const handed = rooms.map((id) => this.handLeft(id));
    if (complete) this.dropLeft();
    await Promise.all(handed);
    if (complete) void this.resendHeld();
  }

  /** What belongs to no room. */
  private dropLeft(): void {
    const goes = ({ roomId }: Kept) => !this.rooms.broken.has(roomId);
    const left = this.left ?? [];
    this.left = left.filter((one) => !goes(one));
    for (const one of left) if (goes(one)) this.forget(one.txnId);
  }

  /** The SDK knows the room from then on, if it ever does. One after the other, so that what is written in a
   * room reaches the SDK in the order in which it was written. */
  private ready(roomId: string): Promise<void> {
    const before = this.readying.get(roomId) ?? Promise.resolve();
    const ready = before.then(() => this.rooms.restore([roomId])).catch(() => {});
    this.readying.set(roomId, ready);
    return ready;
  }

  /** What the last visit has left in a room that the SDK knows: in its order, which the line keeps. */
  private async handLeft(roomId: string): Promise<void> {
    const { left } = this;
    if (!left || !this.client.getRoom(roomId)) return;
    this.left = left.filter((one) => one.roomId !== roomId);
    const mine = left.filter((one) => one.roomId === roomId);
    await Promise.allSettled(mine.map(async (one) => (one.refused ? this.stand(one) : this.hand(one))));
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
    await this.ready(roomId);
    void this.handLeft(roomId);
    await this.hand(kept);
  }

  private async hand({ roomId, txnId, content, threadId }: Kept): Promise<void> {
    this.line.enter(roomId, txnId);
    try {
      // Into a room that it does not know, the SDK sends in the clear.
      if (!this.client.getRoom(roomId)) throw new Failure('M_NOT_FOUND');
      await this.client.sendMessage(roomId, threadId ?? null, content, txnId);
      this.arrived(txnId);
    } catch (error) {
      await this.stopped(roomId, txnId, error);
    }
  }

  /** The SDK does not try what is written behind something that could not leave. Behind what was cut it waits
   * with it; behind what was refused, nobody waits. */
  private async stopped(roomId: string, txnId: string, error: unknown): Promise<void> {
    const room = this.client.getRoom(roomId);
    const pending = room?.getPendingEvents() ?? [];
    const event = pending.find((one) => one.getTxnId() === txnId);
    if (!room || !event || event.status !== EventStatus.NOT_SENT || event.error) {
      this.later(txnId, error);
    } else if (pending.slice(0, pending.indexOf(event)).some(wasCut)) {
      event.error = CUT;
      this.later(txnId, CUT);
    } else await this.resend(event, room);
  }

  /** As it stood when one left: what was refused tries nothing by itself. */
  private stand({ roomId, txnId, content, threadId, held }: Kept): void {
    const room = this.client.getRoom(roomId);
    const sender = this.client.getSafeUserId();
    const event = new MatrixEvent({
      type: 'm.room.message',
      event_id: `~${roomId}:${txnId}`,
      room_id: roomId,
      sender,
      content,
      origin_server_ts: Date.now(),
    });
    const thread = threadId ? room?.getThread(threadId) : undefined;
    if (thread) event.setThread(thread);
    event.setTxnId(txnId);
    event.setStatus(EventStatus.NOT_SENT);
    event.error = held ? (failureWhen(held) as unknown as MatrixError) : REFUSED;
    room?.addPendingEvent(event, txnId);
    this.line.enter(roomId, txnId);
    this.line.stop(txnId, 'refused');
  }

  /** It stands in the room as unsent, with a way to send it again. What only the network stopped leaves by
   * itself: at the return of the connection, or after a while when it is back already. */
  private later(txnId: string | undefined, error: unknown): void {
    const failure = failureOf(error);
    const isCut = isPassing(failure);
    this.line.stop(txnId, isCut ? 'cut' : 'refused');
    this.note(txnId, !isCut, heldBy(error));
    const online = this.client.getSyncState() === SyncState.Syncing;
    if (!online || !isCut) return;
    setTimeout(() => void this.resendAll(), Math.max(this.pause, failure.retryAfterMs ?? 0));
    this.pause = Math.min(this.pause * 2, LONGEST_MS);
  }

  private note(txnId: string | undefined, refused: boolean, held?: Held): void {
    const one = this.kept.find((kept) => kept.txnId === txnId);
    if (!one || ((one.refused ?? false) === refused && one.held === held)) return;
    this.kept = this.kept.map((kept) => (kept === one ? { ...one, refused, held } : kept));
    this.write();
  }

  private arrived(txnId: string | undefined): void {
    this.pause = AGAIN_MS;
    this.forget(txnId);
  }

  /** False when it could not leave now either, for want of a connection. */
  async resend(event: MatrixEvent, room: Room): Promise<boolean> {
    const txnId = event.getTxnId();
    if (txnId) this.line.enter(room.roomId, txnId);
    this.note(txnId, false);
    try {
      await this.client.resendEvent(event, room);
      this.arrived(txnId);
      return true;
    } catch (error) {
      this.later(txnId, error);
      return !isPassing(failureOf(error));
    }
  }

  /** After a cut: everything that it stopped, and what was held back, in order, one round at a time. */
  resendAll(): Promise<void> {
    this.again = true;
    this.round ??= this.resendRounds().finally(() => {
      this.round = undefined;
    });
    return this.round;
  }

  /** Somebody has said that it is well, or this device is confirmed again: what waited for that leaves, in all
   * rooms. What still may not is held again. */
  async resendHeld(): Promise<void> {
    if (this.round || this.kept.some(({ held }) => held)) await this.resendAll();
  }

  private async resendRounds(): Promise<void> {
    while (this.again) {
      this.again = false;
      for (const room of this.client.getRooms()) await this.resendRoom(room);
    }
  }

  // One that is still under way, or is stopped again, is not overtaken by those that were written after it.
  private async resendRoom(room: Room): Promise<void> {
    // A copy: what leaves leaves the list too.
    const pending = room.getPendingEvents().slice();
    const held = pending.filter((event) => this.isHeld(event));
    // What is written meanwhile goes after all of them.
    for (const event of held) this.line.enter(room.roomId, event.getTxnId()!);
    for (const [at, event] of pending.entries()) {
      await landed(event);
      if (event.status !== EventStatus.NOT_SENT || wasRefused(event)) continue;
      if (await this.resend(event, room)) continue;
      return this.cutHeld(held.filter((one) => pending.indexOf(one) > at));
    }
    return undefined;
  }

  private isHeld(event: MatrixEvent): boolean {
    if (event.status !== EventStatus.NOT_SENT || !heldBy(event.error)) return false;
    return this.kept.some(({ txnId }) => txnId === event.getTxnId());
  }

  /** The network has stopped one before them: they come with it. */
  private cutHeld(held: readonly MatrixEvent[]): void {
    for (const event of held) {
      if (event.status !== EventStatus.NOT_SENT) continue;
      event.error = CUT;
      this.line.stop(event.getTxnId(), 'cut');
      this.note(event.getTxnId(), false);
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
