// SPDX-License-Identifier: EUPL-1.2
// To which devices the key of a message goes. Whoever runs a server could add a device to somebody's: so it
// goes to those alone that their owners have confirmed. Two things stand against doing so everywhere: a client
// that knows no confirming (a robot) would read nothing, and a device that is not confirmed itself may not
// (the cryptography refuses). That one shares with all devices of the room's members, as the specification has
// it. In a room with a robot, all of its devices get the key, and of the others those that are confirmed
// (allowed.ts); in a large one, all. What comes from an unconfirmed device is marked (doubts.ts).
//
// Whoever runs a server could also give an account another identity, and confirm any device with that. So
// nothing leaves a device that was confirmed and is no more (own-device.ts), nor one for a room of few people
// while one of them is not who they were, until somebody has said that it is well (trust.ts). In larger rooms
// that is told and holds nothing back: one colleague who starts again would stop hundreds, who do not know
// them and could but click it away.
//
// So the server is asked who they are before anything is encrypted, and what is encrypted leaves once it has been
// looked at again: meanwhile the key may have gone to somebody else. Who cannot be asked about holds a message up
// as a network that is gone does.
import { type MatrixClient, MatrixEvent, type Room } from 'matrix-js-sdk';
import {
  AllDevicesIsolationMode,
  type CryptoApi,
  type DeviceIsolationMode,
  OnlySignedDevicesIsolationMode,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { Failure, failureOf, isPassing } from '../failure.ts';
import type { Held } from '../timeline.ts';
import { Allowed } from './allowed.ts';
import { Asked } from './asked.ts';
import type { OwnDevice } from './own-device.ts';

/** In larger rooms nobody is asked: there, robots that confirm nothing read nothing. */
const ASKED_MOST = 1000;
/** In larger rooms with a robot all devices get the key: marking each of them takes its time. */
const MARKED_MOST = 100;
/** People of a room who know each other: a message waits until somebody has looked at a changed identity. Those
 * who are invited do not make it larger: whoever may invite could end the waiting so. */
const HELD_MOST = 20;
const ALL_DEVICES = new AllDevicesIsolationMode(false);

/** How the SDK is told where a key goes. */
interface Way {
  readonly mode: DeviceIsolationMode;
  /** To those that are marked alone. */
  readonly marked: boolean;
}

const ALL: Way = { mode: ALL_DEVICES, marked: false };
const MARKED: Way = { mode: ALL_DEVICES, marked: true };
const CONFIRMED: Way = { mode: new OnlySignedDevicesIsolationMode(), marked: false };

/** By the code of its failure: why a message was not even encrypted. */
const HELD: ReadonlyMap<string, Held> = new Map([
  ['IDENTITY_REPLACED', 'self'],
  ['IDENTITY_CHANGED', 'people'],
]);

/** Why what was thrown has held a message back; undefined: it was something else. */
export const heldBy = (thrown: unknown): Held | undefined =>
  thrown instanceof Failure ? HELD.get(thrown.code) : undefined;

/** What was thrown, of a message that was held back in an earlier visit. */
export const failureWhen = (held: Held): Failure =>
  new Failure([...HELD].find(([, why]) => why === held)?.[0] ?? 'UNEXPECTED');

/** What the SDK encrypts with. */
type Backend = CryptoApi & {
  encryptEvent: (event: MatrixEvent, room: Room) => Promise<void>;
  processSyncChanges: (changes: { deviceLists?: { changed?: string[] } }) => Promise<unknown>;
  readonly olmMachine: ConstructorParameters<typeof Allowed>[0] & ConstructorParameters<typeof Asked>[1];
};

/** What the server does not tell now, it may tell later. */
const toldBy = <T>(server: Promise<T>): Promise<T> =>
  server.catch((error: unknown) => {
    const failure = failureOf(error);
    throw isPassing(failure) ? failure : new Failure('OFFLINE');
  });

/** What this device has kept and cannot read is told to its owner: waiting mends nothing. */
const keptHere = <T>(own: Promise<T>): Promise<T> =>
  own.catch(() => {
    throw new Failure('STORAGE');
  });

/** Of a room in which something may leave. */
interface Checked {
  readonly standing: Awaited<ReturnType<OwnDevice['standing']>>;
  readonly members: readonly string[];
  /** So few that one of them who changes holds everything back. */
  readonly few: boolean;
}

export class Recipients {
  private readonly own: Pick<OwnDevice, 'standing'>;
  private readonly crypto: Backend;
  private readonly encrypt: Backend['encryptEvent'];
  /** Who confirms their devices: nobody ceases to. */
  private readonly confirming = new Set<string>();
  /** Who does not, until something of theirs changes. */
  private readonly others = new Set<string>();
  private changes = 0;
  private readonly allowed: Allowed;
  private readonly asked: Asked;
  private readonly me: string;
  /** For each message that is being encrypted: who has been somebody else meanwhile. */
  private readonly encrypting = new Set<Set<string>>();
  private readonly last = new WeakMap<Room, Promise<unknown>>();

  private constructor(client: MatrixClient, own: Pick<OwnDevice, 'standing'>, crypto: Backend) {
    this.own = own;
    this.crypto = crypto;
    this.me = client.getSafeUserId();
    this.allowed = new Allowed(crypto.olmMachine);
    this.asked = new Asked(client, crypto.olmMachine);
    this.encrypt = crypto.encryptEvent.bind(crypto);
  }

  /** From then on, keys of the client's messages go where this says. */
  static choose(client: MatrixClient, own: Pick<OwnDevice, 'standing'>): void {
    const crypto = client.getCrypto() as Backend | undefined;
    if (!crypto) return;
    const recipients = new Recipients(client, own, crypto);
    crypto.encryptEvent = recipients.encryptEvent;
    const process = crypto.processSyncChanges.bind(crypto);
    crypto.processSyncChanges = (changes) => {
      for (const userId of changes.deviceLists?.changed ?? []) recipients.asked.noteChange(userId);
      return process(changes);
    };
    client.on(CryptoEvent.DevicesUpdated, (users) => users.forEach(recipients.forget));
    client.on(CryptoEvent.UserTrustStatusChanged, (userId, status) => {
      recipients.forget(userId);
      if (status.needsUserApproval) for (const changed of recipients.encrypting) changed.add(userId);
    });
  }

  private readonly forget = (userId: string): void => {
    this.changes++;
    this.others.delete(userId);
    this.allowed.forget(userId);
  };

  /** In the order of the calls in each room; none waits for another room. */
  private readonly encryptEvent: Backend['encryptEvent'] = async (event, room) => {
    const before = this.last.get(room) ?? Promise.resolve();
    const begun = before.then(() => this.begin(event, room));
    this.last.set(
      room,
      begun.catch(() => {}),
    );
    await (await begun).done;
  };

  /** The way of sharing is taken when encrypting begins; what is read goes by the other: a message of a device
   * that is not confirmed is shown, and marked. */
  private async begin(event: MatrixEvent, room: Room): Promise<{ done: Promise<void> }> {
    const checked = await this.check(room);
    const { mode, marked } = await this.wayFor(checked).catch(() => CONFIRMED);
    // The SDK sends what is encrypted once without asking again: so that is a copy.
    const copy = new MatrixEvent({ ...event.event });
    const changed = new Set<string>();
    this.encrypting.add(changed);
    // In one piece: rooms take turns at it.
    this.crypto.setDeviceIsolationMode(mode);
    this.crypto.globalBlacklistUnverifiedDevices = marked;
    const encrypted = this.encrypt(copy, room);
    this.crypto.setDeviceIsolationMode(ALL_DEVICES);
    this.crypto.globalBlacklistUnverifiedDevices = false;
    const letGo = () => this.letGo(event, copy, room, changed);
    return { done: encrypted.then(letGo).finally(() => this.encrypting.delete(changed)) };
  }

  private async letGo(
    event: MatrixEvent,
    copy: MatrixEvent,
    room: Room,
    changed: Set<string>,
  ): Promise<void> {
    try {
      const { members, few } = await this.check(room);
      // Also who is again who they were: it is encrypted anew.
      if (few && members.some((userId) => changed.has(userId))) throw new Failure('OFFLINE');
    } catch (error) {
      // Somebody else may have its key.
      if (heldBy(error) || changed.size > 0) await this.crypto.forceDiscardSession(room.roomId);
      throw error;
    }
    event.makeEncrypted(
      copy.getWireType(),
      copy.getWireContent(),
      copy.getSenderKey() ?? '',
      copy.getClaimedEd25519Key() ?? '',
    );
  }

  /** Throws where nothing may leave. */
  private async check(room: Room): Promise<Checked> {
    const people = await toldBy(room.getEncryptionTargetMembers());
    const few = people.filter(({ membership }) => membership === 'join').length <= HELD_MOST;
    const members = people.map(({ userId }) => userId);
    await toldBy(this.asked.ask(few ? members : [this.me]));
    const standing = await keptHere(this.own.standing());
    if (standing === 'lost') throw new Failure('IDENTITY_REPLACED');
    if (few && (await keptHere(this.hasChanged(members)))) throw new Failure('IDENTITY_CHANGED');
    return { standing, members, few };
  }

  private async wayFor({ standing, members }: Checked): Promise<Way> {
    if (standing === 'new') return ALL;
    if (members.length > ASKED_MOST) return CONFIRMED;
    const others = await this.othersOf(members);
    if (others.length === 0) return CONFIRMED;
    return members.length <= MARKED_MOST ? this.mark(members, others) : ALL;
  }

  /** Where it cannot be done, a robot reads all the same. */
  private mark(members: readonly string[], others: readonly string[]): Promise<Way> {
    const confirms = (userId: string) => !others.includes(userId);
    return this.allowed.mark(members, confirms).then(
      () => MARKED,
      () => ALL,
    );
  }

  /** One of them is not who they were, and nobody has said that it is well. */
  private async hasChanged(users: readonly string[]): Promise<boolean> {
    const all = await Promise.all(users.map((userId) => this.crypto.getUserVerificationStatus(userId)));
    return all.some(({ needsUserApproval }) => needsUserApproval);
  }

  /** Those of them who confirm none of their devices. Who has no device yet is asked again with the next message,
   * and so is everybody where something has changed while it was looked at. */
  private async othersOf(members: readonly string[]): Promise<string[]> {
    const { changes } = this;
    const others = members.filter((userId) => this.others.has(userId));
    others.push(
      ...(await this.look(
        members.filter((userId) => !this.confirming.has(userId) && !this.others.has(userId)),
      )),
    );
    if (changes === this.changes) for (const userId of others) this.others.add(userId);
    return others;
  }

  private async look(users: string[]): Promise<string[]> {
    if (users.length === 0) return [];
    const others: string[] = [];
    const known = await this.crypto.getUserDeviceInfo(users, true);
    for (const [userId, devices] of known) {
      const real = [...devices.values()].filter(({ dehydrated }) => !dehydrated);
      if (real.length === 0) continue;
      const confirms =
        (await this.hasConfirmed(userId, real)) || (await this.crypto.userHasCrossSigningKeys(userId, true));
      if (confirms) this.confirming.add(userId);
      else others.push(userId);
    }
    return others;
  }

  private async hasConfirmed(userId: string, devices: readonly { deviceId: string }[]): Promise<boolean> {
    for (const { deviceId } of devices)
      if ((await this.crypto.getDeviceVerificationStatus(userId, deviceId))?.signedByOwner) return true;
    return false;
  }
}
