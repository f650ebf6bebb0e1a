// SPDX-License-Identifier: EUPL-1.2
// To which devices the key of a message goes. Whoever runs a server could add a device to somebody's: so it
// goes to those alone that their owners have confirmed. Two things stand against doing so everywhere: a client
// that knows no confirming (a robot) would read nothing, and a device that is not confirmed itself may not
// (the cryptography refuses). There, all devices of the room's members get it, as the specification has it,
// and what comes from them is marked (doubts.ts).
import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import {
  AllDevicesIsolationMode,
  type CryptoApi,
  type DeviceIsolationMode,
  OnlySignedDevicesIsolationMode,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';

/** In larger rooms nobody is asked: there, robots that confirm nothing read nothing. */
const ASKED_MOST = 1000;
const ALL = new AllDevicesIsolationMode(false);
const CONFIRMED = new OnlySignedDevicesIsolationMode();

/** What the SDK encrypts with. */
type Backend = CryptoApi & { encryptEvent: (event: MatrixEvent, room: Room) => Promise<void> };

export class Recipients {
  private readonly client: MatrixClient;
  private readonly crypto: Backend;
  private readonly encrypt: Backend['encryptEvent'];
  /** Who confirms their devices: nobody ceases to. */
  private readonly confirming = new Set<string>();
  /** Who does not, until something of theirs changes. */
  private readonly others = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  private constructor(client: MatrixClient, crypto: Backend) {
    this.client = client;
    this.crypto = crypto;
    this.encrypt = crypto.encryptEvent.bind(crypto);
  }

  /** From then on, keys of the client's messages go where this says. */
  static choose(client: MatrixClient): void {
    const crypto = client.getCrypto() as Backend | undefined;
    if (!crypto) return;
    const recipients = new Recipients(client, crypto);
    crypto.encryptEvent = recipients.encryptEvent;
    const changed = (userId: string) => recipients.others.delete(userId);
    client.on(CryptoEvent.DevicesUpdated, (users) => users.forEach(changed));
    client.on(CryptoEvent.UserTrustStatusChanged, changed);
  }

  /** In the order of the calls. */
  private readonly encryptEvent: Backend['encryptEvent'] = async (event, room) => {
    const begun = this.last.then(() => this.begin(event, room));
    this.last = begun.catch(() => {});
    await (await begun).done;
  };

  /** The way of sharing is taken when encrypting begins; what is read goes by the other: a message of a device
   * that is not confirmed is shown, and marked. */
  private async begin(event: MatrixEvent, room: Room): Promise<{ done: Promise<void> }> {
    const mode = await this.modeFor(room).catch(() => CONFIRMED);
    this.crypto.setDeviceIsolationMode(mode);
    const done = this.encrypt(event, room);
    this.crypto.setDeviceIsolationMode(ALL);
    return { done };
  }

  private async modeFor(room: Room): Promise<DeviceIsolationMode> {
    const { client, crypto } = this;
    const own = await crypto.getDeviceVerificationStatus(client.getSafeUserId(), client.getDeviceId() ?? '');
    if (!own?.crossSigningVerified) return ALL;
    const members = (await room.getEncryptionTargetMembers()).map(({ userId }) => userId);
    if (members.length > ASKED_MOST) return CONFIRMED;
    await this.look(members.filter((userId) => !this.confirming.has(userId) && !this.others.has(userId)));
    return members.some((userId) => this.others.has(userId)) ? ALL : CONFIRMED;
  }

  /** Who has no device yet is asked again with the next message. */
  private async look(users: string[]): Promise<void> {
    if (users.length === 0) return;
    const known = await this.crypto.getUserDeviceInfo(users, true);
    for (const [userId, devices] of known) {
      const real = [...devices.values()].filter(({ dehydrated }) => !dehydrated);
      if (real.length === 0) continue;
      const confirms =
        (await this.hasConfirmed(userId, real)) || (await this.crypto.userHasCrossSigningKeys(userId, true));
      (confirms ? this.confirming : this.others).add(userId);
    }
  }

  private async hasConfirmed(userId: string, devices: readonly { deviceId: string }[]): Promise<boolean> {
    for (const { deviceId } of devices)
      if ((await this.crypto.getDeviceVerificationStatus(userId, deviceId))?.signedByOwner) return true;
    return false;
  }
}
