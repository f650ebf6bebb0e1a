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

/** In larger rooms, where asking of each member would be slow, those are asked of who have written lately, and
 * those whose identity changes while one looks. */
const MOST = 100;

export class SdkTrust {
  readonly changed = new Cell<readonly Person[]>([]);
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly told = new Set<string>();
  private closed = false;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    client.on(CryptoEvent.UserTrustStatusChanged, this.onTrust);
    room.on(RoomStateEvent.Members, this.look);
    this.look();
  }

  close(): void {
    this.closed = true;
    this.client.off(CryptoEvent.UserTrustStatusChanged, this.onTrust);
    this.room.off(RoomStateEvent.Members, this.look);
  }

  private readonly look = soon(() => void this.find());

  private readonly onTrust = (userId: string): void => {
    this.told.add(userId);
    this.look();
  };

  /** Of whom it is asked. */
  private candidates(): readonly string[] {
    const members = this.room.getJoinedMembers().map(({ userId }) => userId);
    if (members.length <= MOST) return members;
    const writers = this.room
      .getLiveTimeline()
      .getEvents()
      .map((event) => event.getSender());
    const asked = new Set([...this.told, ...writers.slice(-MOST)]);
    return members.filter((userId) => asked.has(userId));
  }

  private async find(): Promise<void> {
    const crypto = this.client.getCrypto();
    if (this.closed || !crypto || !this.room.hasEncryptionStateEvent()) return;
    const found = await Promise.all(
      this.candidates().map(async (userId) =>
        (await crypto.getUserVerificationStatus(userId)).needsUserApproval ? userId : undefined,
      ),
    );
    const people = found.flatMap((id) => (id ? [personIn(this.room, id)] : []));
    if (JSON.stringify(people) !== JSON.stringify(this.changed.get())) this.changed.set(people);
  }

  accept(userId: string): Promise<void> {
    return telling(async () => {
      await this.client.getCrypto()?.pinCurrentUserIdentity(userId);
      await this.find();
    });
  }
}
