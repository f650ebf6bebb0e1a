// SPDX-License-Identifier: EUPL-1.2
// Whose identity is not the one that this device knew: somebody who has started again without their code,
// or somebody else in their place. Asked of the cryptography, for the people of one room.
import { type MatrixClient, type Room, RoomStateEvent } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { Cell } from '../live.ts';
import type { Person } from '../rooms.ts';
import { personIn } from './names.ts';
import { soon } from './soon.ts';
import { telling } from './telling.ts';

/** In larger rooms those are asked of first who have written lately, and whose identity changes while one looks;
 * the others come after, so many at a time with a pause after them: nobody feels it in their keys. */
const MOST = 100;
const BATCH = 10;
const PAUSE_MS = 100;

/** Of all rooms of a session: each person is asked of once in it, and of again when they change. */
interface Known {
  readonly asked: Set<string>;
  /** Found or told to be others than they were. */
  readonly told: Set<string>;
}

const KNOWN = new WeakMap<MatrixClient, Known>();

function knownOf(client: MatrixClient): Known {
  const before = KNOWN.get(client);
  if (before) return before;
  const known: Known = { asked: new Set(), told: new Set() };
  KNOWN.set(client, known);
  client.on(CryptoEvent.UserTrustStatusChanged, (userId) => known.told.add(userId));
  return known;
}

export class SdkTrust {
  readonly changed = new Cell<readonly Person[]>([]);
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly known: Known;
  private walking = false;
  private closed = false;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    this.known = knownOf(client);
    client.on(CryptoEvent.UserTrustStatusChanged, this.look);
    room.on(RoomStateEvent.Members, this.look);
    this.look();
  }

  close(): void {
    this.closed = true;
    this.client.off(CryptoEvent.UserTrustStatusChanged, this.look);
    this.room.off(RoomStateEvent.Members, this.look);
  }

  private readonly look = soon(() => void this.find());

  /** Those who get the keys of what is said, as far as they are loaded. */
  private people(): readonly string[] {
    const { room } = this;
    const invited = room.shouldEncryptForInvitedMembers() ? room.getMembersWithMembership('invite') : [];
    return [...room.getJoinedMembers(), ...invited].map(({ userId }) => userId);
  }

  /** Of whom it is asked. */
  private candidates(): readonly string[] {
    const members = this.people();
    if (members.length <= MOST) return members;
    const writers = this.room
      .getLiveTimeline()
      .getEvents()
      .map((event) => event.getSender());
    const asked = new Set([...this.known.told, ...writers.slice(-MOST)]);
    return members.filter((userId) => asked.has(userId));
  }

  /** Somebody looks at it, and who its people are matters. */
  private get counts(): boolean {
    return !this.closed && this.room.hasEncryptionStateEvent() && this.client.getCrypto() !== undefined;
  }

  /** Those of them who are not who they were: whichever room has found them, all others are told too. */
  private async changedAmong(userIds: readonly string[]): Promise<readonly string[]> {
    const crypto = this.client.getCrypto();
    const found = await Promise.all(
      userIds.map(async (userId) => {
        this.known.asked.add(userId);
        const status = await crypto?.getUserVerificationStatus(userId).catch(() => undefined);
        // Nobody has answered: they are asked of again with the next look, or in the next room.
        if (!status) this.known.asked.delete(userId);
        return status?.needsUserApproval ? [userId] : [];
      }),
    );
    for (const userId of found.flat()) this.known.told.add(userId);
    return found.flat();
  }

  private async find(): Promise<void> {
    if (!this.counts) return;
    const found = await this.changedAmong(this.candidates());
    if (this.closed) return;
    const people = found.map((id) => personIn(this.room, id));
    if (JSON.stringify(people) !== JSON.stringify(this.changed.get())) this.changed.set(people);
    if (!this.walking) void this.walk();
  }

  /** Through all who have not been asked of yet. */
  private async walk(): Promise<void> {
    this.walking = true;
    // Each once in a walk, whether or not they were answered about.
    const tried = new Set<string>();
    const left = () => this.people().filter((userId) => !this.known.asked.has(userId) && !tried.has(userId));
    let batch: readonly string[];
    do {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      batch = this.counts ? left().slice(0, BATCH) : [];
      for (const userId of batch) tried.add(userId);
      const found = await this.changedAmong(batch);
      if (found.length > 0) this.look();
    } while (batch.length > 0);
    this.walking = false;
  }

  accept(userId: string): Promise<void> {
    return telling(async () => {
      await this.client.getCrypto()?.pinCurrentUserIdentity(userId);
      await this.find();
    });
  }
}
