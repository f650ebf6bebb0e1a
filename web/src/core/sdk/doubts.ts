// SPDX-License-Identifier: EUPL-1.2
// What is to be known of a message of an encrypted room beside what it says: that it came in clear, that the
// device it was written on was not confirmed by its owner, or that nothing says who has written it.
//
// The cryptography answers for what a message was encrypted with, and not for the message: one answer does
// for all that came with the same key and names the same sender. Keys that come from the backup say nothing
// of who has given them, and that is no doubt: it would stand on each message of earlier days.
import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { Doubt } from '../timeline.ts';
import { str } from '../unchecked.ts';
import type { EncryptedRooms } from './encrypted.ts';

const DOUBTS: ReadonlyMap<EventShieldReason | null, Doubt> = new Map([
  [EventShieldReason.UNSIGNED_DEVICE, 'device'],
  [EventShieldReason.UNKNOWN_DEVICE, 'author'],
  [EventShieldReason.MISMATCHED_SENDER, 'author'],
  [EventShieldReason.VERIFICATION_VIOLATION, 'author'],
  [EventShieldReason.UNKNOWN, 'author'],
]);

interface Answer {
  doubt: Doubt | undefined;
  /** Something has changed since, and it is asked for again; until then it stands. */
  stale: boolean;
}

export class Doubts {
  private readonly client: MatrixClient;
  private readonly rooms: EncryptedRooms;
  /** By sender, then by room and key. */
  private readonly answers = new Map<string, Map<string, Answer>>();
  private readonly asked = new Map<string, Promise<void>>();
  private line: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<() => void>();

  constructor(client: MatrixClient, rooms: EncryptedRooms) {
    this.client = client;
    this.rooms = rooms;
    client.on(CryptoEvent.DevicesUpdated, (users) => this.age(users));
    client.on(CryptoEvent.UserTrustStatusChanged, (userId) => this.age([userId]));
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
    await Promise.all(this.asked.values());
  }

  private ofOne(room: Room, event: MatrixEvent): Doubt | undefined {
    // On its way from here, or gone, or not read.
    if (event.status !== null || event.isState() || event.isRedacted()) return undefined;
    if (!event.isEncrypted()) return this.rooms.has(room) ? 'clear' : undefined;
    if (event.isDecryptionFailure() || !event.getClearContent()) return undefined;
    const sender = event.getSender() ?? '';
    const key = `${room.roomId} ${str(event.getWireContent().session_id) ?? ''}`;
    const answer = this.answers.get(sender)?.get(key);
    if (!answer || answer.stale) this.ask(sender, key, event);
    return answer?.doubt;
  }

  /** One after the other: they stand behind what is on the screen. */
  private ask(sender: string, key: string, event: MatrixEvent): void {
    const name = `${sender} ${key}`;
    if (this.asked.has(name)) return;
    this.line = this.line.then(async () => {
      const before = this.answers.get(sender)?.get(key)?.doubt;
      // What could not be answered is asked for again when it is next drawn.
      const answer = await this.find(sender, event, before).catch(() => ({ doubt: before, stale: true }));
      this.asked.delete(name);
      this.note(sender, key, answer);
      // Others that came with that key, and wait for the answer, ask for themselves.
      if (answer.stale && event.isRedacted()) this.tell();
    });
    this.asked.set(name, this.line);
  }

  /** A doubt is looked at again once the sender's devices are known: they may be on their way. Of a message
   * that was deleted meanwhile the cryptography says nothing, and that is no answer: whoever runs a server
   * could delete one to clear all others of its key. */
  private async find(sender: string, event: MatrixEvent, before: Doubt | undefined): Promise<Answer> {
    const crypto = this.client.getCrypto();
    const first = await crypto?.getEncryptionInfoForEvent(event);
    if (!first) return { doubt: before, stale: true };
    const doubt = DOUBTS.get(first.shieldReason);
    if (!doubt) return { doubt, stale: false };
    await crypto?.getUserDeviceInfo([sender]);
    const second = await crypto?.getEncryptionInfoForEvent(event);
    return second ? { doubt: DOUBTS.get(second.shieldReason), stale: false } : { doubt, stale: true };
  }

  private note(sender: string, key: string, answer: Answer): void {
    const answers = this.answers.get(sender) ?? new Map<string, Answer>();
    const before = answers.get(key)?.doubt;
    this.answers.set(sender, answers.set(key, answer));
    if (answer.doubt !== before) this.tell();
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
