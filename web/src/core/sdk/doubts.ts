// SPDX-License-Identifier: EUPL-1.2
// What is to be known of a message of an encrypted room beside what it says: that it came in clear, that the
// device it was written on was not confirmed by its owner, or that nothing says who has written it.
//
// The cryptography answers for what a message was encrypted with, and not for the message: one answer does
// for all that came with the same key and names the same sender. Keys that come from the backup say nothing
// of who has given them, and that is a doubt only of what should not have needed it (unproven.ts): it would
// stand on each message of earlier days.
import {
  ClientEvent,
  type ISyncResponse,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  SyncState,
} from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { type EventEncryptionInfo, EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { Doubt } from '../timeline.ts';
import { str } from '../unchecked.ts';
import type { Vault } from '../vault.ts';
import type { EncryptedRooms } from './encrypted.ts';
import type { OwnDevice } from './own-device.ts';
import { Repeats } from './repeats.ts';
import { Unproven } from './unproven.ts';

const DOUBTS: ReadonlyMap<EventShieldReason | null, Doubt> = new Map([
  [EventShieldReason.UNSIGNED_DEVICE, 'device'],
  [EventShieldReason.UNKNOWN_DEVICE, 'author'],
  [EventShieldReason.MISMATCHED_SENDER, 'author'],
  [EventShieldReason.VERIFICATION_VIOLATION, 'author'],
  [EventShieldReason.UNKNOWN, 'author'],
]);

/** Nobody has answered yet. */
const UNKNOWN = { doubt: undefined, backup: false };

const answerOf = ({ shieldReason }: EventEncryptionInfo): Answer => ({
  doubt: DOUBTS.get(shieldReason),
  backup: shieldReason === EventShieldReason.AUTHENTICITY_NOT_GUARANTEED,
  stale: false,
});

interface Answer {
  doubt: Doubt | undefined;
  /** The key came from the backup. */
  backup: boolean;
  /** Something has changed since, and it is asked for again; until then it stands. */
  stale: boolean;
  /** How many syncs have gone by since it has made a message doubted by the way its key came. */
  syncs?: number;
}

/** How many syncs that bring all there is may go by until keys have come that are on their way. */
const SYNCS_MOST = 20;

interface Question {
  done: Promise<void>;
  /** Those that wait for the answer. */
  events: Set<MatrixEvent>;
}

interface Parts {
  client: MatrixClient;
  rooms: EncryptedRooms;
  own: Pick<OwnDevice, 'isKnown'>;
  vault: Pick<Vault, 'read' | 'write'>;
}

export class Doubts {
  private readonly client: MatrixClient;
  private readonly rooms: EncryptedRooms;
  /** By sender, then by room and key. */
  private readonly answers = new Map<string, Map<string, Answer>>();
  private readonly asked = new Map<string, Question>();
  private line: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<() => void>();
  private readonly repeats = new Repeats();
  private readonly unproven: Unproven;
  /** Those that make a message doubted by the way its key came, while it may still come otherwise. */
  private readonly waiting = new Set<Answer>();

  constructor({ client, rooms, own, vault }: Parts) {
    this.client = client;
    this.rooms = rooms;
    this.unproven = new Unproven(client, own, vault);
    this.unproven.onRead((event) => {
      const room = client.getRoom(event.getRoomId());
      if (room) this.of(room, event);
    });
    client.on(ClientEvent.Sync, (state) => {
      if (state === SyncState.Syncing) this.await();
    });
    client.on(CryptoEvent.DevicesUpdated, (users) => this.age(users));
    client.on(CryptoEvent.UserTrustStatusChanged, (userId) => this.age([userId]));
  }

  /** What the server tells has happened since its answer before, while the SDK has made nothing of it yet. */
  take(answer: Partial<ISyncResponse>): Promise<void> {
    return this.unproven.take(answer);
  }

  /** Called when an answer differs from the one before. Gives what ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What is known now. What is not is asked for. An edit is doubted like what it replaces. */
  of(room: Room, event: MatrixEvent): Doubt | undefined {
    const edit = event.replacingEvent();
    return this.ofOne(room, event) ?? (edit ? this.ofOne(room, edit) : undefined);
  }

  /** Once all that `of` needs for them has been answered. */
  async settle(room: Room, events: readonly MatrixEvent[]): Promise<void> {
    await this.rooms.learn(room.roomId);
    for (const event of events) this.of(room, event);
    await Promise.all([...this.asked.values()].map(({ done }) => done));
  }

  private ofOne(room: Room, event: MatrixEvent): Doubt | undefined {
    // On its way from here, or gone, or not read.
    if (event.status !== null || event.isState() || event.isRedacted()) return undefined;
    if (!event.isEncrypted()) return this.rooms.has(room) ? 'clear' : undefined;
    if (event.isDecryptionFailure() || !event.getClearContent()) return undefined;
    const sender = event.getSender() ?? '';
    const key = `${room.roomId} ${str(event.getWireContent().session_id) ?? ''}`;
    this.unproven.note(event.getId() ?? '', `${sender} ${key}`);
    const answer = this.answers.get(sender)?.get(key);
    if (!answer || answer.stale) this.ask(room, key, event);
    if (answer?.doubt) return answer.doubt;
    if (answer?.backup && this.unproven.has(`${sender} ${key}`)) {
      this.waitFor(answer, 0);
      return 'author';
    }
    // Whose it is is not known yet.
    if (!answer || (answer.stale && !answer.backup)) return undefined;
    const { twice, told } = this.repeats.look(room.roomId, event);
    // The other one stands somewhere.
    if (told) queueMicrotask(() => this.tell());
    return twice ? 'twice' : undefined;
  }

  private waitFor(answer: Answer, syncs: number): void {
    answer.syncs ??= syncs;
    if (answer.syncs < SYNCS_MOST) this.waiting.add(answer);
  }

  /** A key that is on its way proves what the backup's does not. */
  private await(): void {
    let any = false;
    for (const answer of this.waiting) {
      answer.syncs = (answer.syncs ?? 0) + (this.unproven.behind ? 0 : 1);
      if (answer.syncs >= SYNCS_MOST) this.waiting.delete(answer);
      if (answer.stale) continue;
      answer.stale = true;
      any = true;
    }
    if (any) this.tell();
  }

  /** One after the other: they stand behind what is on the screen. */
  private ask(room: Room, key: string, event: MatrixEvent): void {
    const sender = event.getSender() ?? '';
    const name = `${sender} ${key}`;
    const events = this.asked.get(name)?.events ?? new Set();
    events.add(event);
    if (this.asked.has(name)) return;
    this.line = this.line.then(async () => {
      const before = this.answers.get(sender)?.get(key);
      // What could not be answered is asked for again when it is next drawn.
      const answer = await this.find(sender, event, before).catch(() => ({
        ...UNKNOWN,
        ...before,
        stale: true,
      }));
      this.asked.delete(name);
      this.note(sender, key, answer);
      // Others that came with that key, and wait for the answer, ask for themselves.
      if (answer.stale && event.isRedacted()) this.tell();
      // Now they can be compared.
      if (!answer.stale) for (const one of events) this.ofOne(room, one);
    });
    this.asked.set(name, { done: this.line, events });
  }

  /** A doubt is looked at again once the sender's devices are known: they may be on their way. Of a message
   * that was deleted meanwhile the cryptography says nothing, and that is no answer: whoever runs a server
   * could delete one to clear all others of its key. */
  private async find(sender: string, event: MatrixEvent, before: Answer | undefined): Promise<Answer> {
    const crypto = this.client.getCrypto();
    const first = await crypto?.getEncryptionInfoForEvent(event);
    if (!first) return { ...UNKNOWN, ...before, stale: true };
    const answer = answerOf(first);
    if (!answer.doubt) return answer;
    await crypto?.getUserDeviceInfo([sender]);
    const second = await crypto?.getEncryptionInfoForEvent(event);
    return second ? answerOf(second) : { ...answer, stale: true };
  }

  private note(sender: string, key: string, answer: Answer): void {
    const answers = this.answers.get(sender) ?? new Map<string, Answer>();
    const before = answers.get(key);
    this.answers.set(sender, answers.set(key, answer));
    if (before) this.waiting.delete(before);
    const name = `${sender} ${key}`;
    if (!answer.backup && !answer.doubt && !answer.stale) this.unproven.prove(name);
    const unproven = answer.backup && this.unproven.has(name);
    if (unproven) this.waitFor(answer, before?.syncs ?? 0);
    const told = before?.backup !== answer.backup && (unproven || before?.backup);
    if (answer.doubt !== before?.doubt || told) this.tell();
  }

  /** Who has confirmed a device since is doubted no more. */
  private age(users: readonly string[]): void {
    const doubted = users
      .flatMap((userId) => [...(this.answers.get(userId)?.values() ?? [])])
      .filter(({ doubt, stale }) => doubt && !stale);
    for (const answer of doubted) answer.stale = true;
    if (doubted.length > 0) this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
