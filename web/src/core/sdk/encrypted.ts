// SPDX-License-Identifier: EUPL-1.2
// Which rooms are encrypted. Their state says so; what this device has learnt before stands beside it, since
// a server could leave the event out.
import type { MatrixClient, Room } from 'matrix-js-sdk';

export class EncryptedRooms {
  private readonly client: MatrixClient;
  private readonly learnt = new Set<string>();

  constructor(client: MatrixClient) {
    this.client = client;
  }

  /** By its state, or by what `learn` has found. */
  has(room: Room): boolean {
    return room.hasEncryptionStateEvent() || this.learnt.has(room.roomId);
  }

  /** Asks what the cryptography keeps. Where it cannot say, the room is taken for encrypted: what is
   * encrypted for nothing does no harm. */
  async learn(roomId: string): Promise<boolean> {
    if (this.client.getRoom(roomId)?.hasEncryptionStateEvent()) return true;
    const crypto = this.client.getCrypto();
    const known = crypto ? await crypto.isEncryptionEnabledInRoom(roomId).catch(() => true) : true;
    if (known) this.learnt.add(roomId);
    return known;
  }
}
