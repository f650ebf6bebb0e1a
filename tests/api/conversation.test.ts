// SPDX-License-Identifier: EUPL-1.2
// Two agents talk, end-to-end encrypted, with real clients: two devices each, verification by emoji,
// key backup, a third device, and a thousand messages while the server is killed ten times.

import { setTimeout as pause } from 'node:timers/promises';
import { EventStatus, type MatrixEvent } from 'matrix-js-sdk';
import {
  CryptoEvent,
  VerificationPhase,
  type VerificationRequest,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { ShowSasCallbacks } from 'matrix-js-sdk/lib/crypto-api/verification.js';
import { afterEach, expect, test } from 'vitest';
import { Device, until } from './src/sdk.ts';
import { stage } from './src/stage.ts';

const MESSAGES = 1000;
const KILLS = 10;
/** How long one verification may take before it is asked for again. */
const VERIFICATION_MS = 60_000;
const LONG = Number(process.env.CHAPPE_TEST_LIMIT ?? 600_000);

const t = stage();
const started: Device[] = [];

afterEach(() => {
  for (const device of started.splice(0)) device.stop();
});

async function twoAgents(): Promise<{ a1: Device; a2: Device; b1: Device; b2: Device }> {
  const [alice, bob] = await t.users('alice', 'bob');
  const users = [alice, await alice.login(), bob, await bob.login()];
  for (const user of users) started.push(await Device.start(t.server, user));
  const [a1, a2, b1, b2] = started;
  return { a1, a2, b1, b2 };
}

const noFaults = (...devices: Device[]) => expect([...new Set(devices.flatMap((d) => d.faults))]).toEqual([]);

async function encryptedRoom(from: Device, to: Device): Promise<string> {
  const { room_id } = await from.client.createRoom({
    invite: [to.id],
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  await until(() => to.client.getRoom(room_id)?.getMyMembership() === 'invite');
  await to.client.joinRoom(room_id);
  await until(() => from.client.getRoom(room_id)?.getMember(to.id)?.membership === 'join');
  await until(() => from.crypto.isEncryptionEnabledInRoom(room_id));
  return room_id;
}

/** The two halves of one verification by emoji; both see the same seven, both agree. */
async function verifyByEmoji(asking: VerificationRequest, asked: VerificationRequest): Promise<void> {
  await asked.accept();
  await until(() => asking.phase === VerificationPhase.Ready);
  const first = await asking.startVerification('m.sas.v1');
  const second = await until(() => asked.verifier);
  const shown = (verifier: Verifier) =>
    new Promise<ShowSasCallbacks>((resolve) => {
      const already = verifier.getShowSasCallbacks();
      if (already) resolve(already);
      else verifier.once(VerifierEvent.ShowSas, resolve);
    });
  const [mine, theirs] = [shown(first), shown(second)];
  const done = [first.verify(), second.verify()];
  const [left, right] = [await mine, await theirs];
  expect(left.sas.emoji).toHaveLength(7);
  expect(left.sas.emoji).toEqual(right.sas.emoji);
  await Promise.all([left.confirm(), right.confirm()]);
  await Promise.all(done);
  await until(() => asking.phase === VerificationPhase.Done && asked.phase === VerificationPhase.Done);
}

/**
 * Asks until it succeeds, three times at most, as people would. On a machine whose processors are all
 * taken the SDK has been seen to send its "done" beside its "mac", and the other device to take them
 * in that order; or to show no pictures although it has both keys. Each then waits for ten minutes.
 */
async function verify(asker: Device, asked: Device, ask: () => Promise<VerificationRequest>): Promise<void> {
  for (let tries = 1; ; tries++) {
    const before = asked.requests.length;
    const asking = await ask();
    const answering = await until(() =>
      asked.requests.slice(before).find((request) => request.otherUserId === asker.id),
    );
    const ended = verifyByEmoji(asking, answering).then(() => true);
    const late = pause(VERIFICATION_MS).then(() => false);
    const done = await Promise.race([ended, late]).catch((error: Error) => {
      if (error.name === 'AssertionError') throw error; // other pictures are no matter of time
      return false;
    });
    if (done) return;
    if (tries === 3) throw new Error(`not verified in ${tries} tries`);
    ended.catch(() => {});
    await asking.cancel();
  }
}

function verifyOwnDevice(trusted: Device, fresh: Device): Promise<void> {
  return verify(fresh, trusted, () => fresh.crypto.requestOwnUserVerification());
}

test(
  'two users with two devices each talk both ways in an encrypted room',
  async () => {
    const { a1, a2, b1, b2 } = await twoAgents();
    const room = await encryptedRoom(a1, b1);
    await a1.say(room, 'bonjour');
    await b2.say(room, 'bonsoir');
    await a2.say(room, 'bonne nuit');
    for (const device of [a1, a2, b1, b2]) {
      for (const body of ['bonjour', 'bonsoir', 'bonne nuit']) await device.sees(room, body);
      expect(await device.history(room)).toEqual(['bonjour', 'bonsoir', 'bonne nuit']);
    }
    // What the server stores is cipher text.
    const seen: MatrixEvent[] = (await a1.room(room)).getLiveTimeline().getEvents();
    expect(seen.filter((e) => e.getWireType() === 'm.room.encrypted')).toHaveLength(3);
    noFaults(a1, a2, b1, b2);
  },
  LONG,
);

test(
  'devices and users verify each other by emoji',
  async () => {
    const { a1, a2, b1, b2 } = await twoAgents();
    await a1.bootstrapCrossSigning();
    await b1.bootstrapCrossSigning();
    await verifyOwnDevice(a1, a2);
    await verifyOwnDevice(b1, b2);
    for (const [device, other] of [
      [a1, a2],
      [b1, b2],
    ]) {
      await until(
        async () =>
          (await device.crypto.getDeviceVerificationStatus(other.id, other.deviceId))?.crossSigningVerified,
      );
      await until(() => other.crypto.isCrossSigningReady());
    }
    const room = await encryptedRoom(a1, b1);
    expect((await a1.crypto.getUserVerificationStatus(b1.id)).isCrossSigningVerified()).toBe(false);
    await verify(a1, b1, () => a1.crypto.requestVerificationDM(b1.id, room));
    for (const [device, other] of [
      [a1, b1],
      [b1, a1],
      [a2, b1],
      [b2, a1],
    ]) {
      await until(async () =>
        (await device.crypto.getUserVerificationStatus(other.id)).isCrossSigningVerified(),
      );
    }
    noFaults(a1, a2, b1, b2);
  },
  LONG,
);

test(
  'a third device restores the keys of the past with the recovery key',
  async () => {
    const { a1, a2, b1, b2 } = await twoAgents();
    const recovery = await a1.crypto.createRecoveryKeyFromPassphrase();
    a1.recoveryKey = recovery;
    await a1.bootstrapCrossSigning();
    await a1.crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => recovery,
      setupNewKeyBackup: true,
      setupNewSecretStorage: true,
    });
    const room = await encryptedRoom(a1, b1);
    for (const [device, body] of [
      [a1, 'un'],
      [b1, 'deux'],
      [a2, 'trois'],
      [b2, 'quatre'],
    ] as [Device, string][]) {
      await device.say(room, body);
      await a1.sees(room, body);
    }
    await until(async () => {
      const known = (await a1.crypto.exportRoomKeys()).length;
      return (await a1.user.get('/v3/room_keys/version')).count >= known;
    });
    // The two first devices are gone before the third one comes: nobody is left to pass keys on.
    a1.stop();
    a2.stop();
    const a3 = await Device.start(t.server, await a1.user.login());
    started.push(a3);
    a3.recoveryKey = recovery;
    await a3.bootstrapCrossSigning();
    await a3.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await a3.crypto.checkKeyBackupAndEnable();
    const restored = await a3.crypto.restoreKeyBackup();
    expect(restored.imported).toBe(restored.total);
    expect(restored.imported).toBeGreaterThan(0);
    expect(await a3.history(room)).toEqual(['un', 'deux', 'trois', 'quatre']);
    expect((await a3.crypto.getDeviceVerificationStatus(a3.id, a3.deviceId))?.crossSigningVerified).toBe(
      true,
    );
    noFaults(a1, a2, a3, b1, b2);
  },
  LONG,
);

test(
  'a message sent while no device is signed in is read after rehydration',
  async () => {
    const [alice, bob] = await t.users('alice', 'bob');
    const a1 = await Device.start(t.server, alice);
    const b1 = await Device.start(t.server, bob);
    started.push(a1, b1);
    const recovery = await a1.crypto.createRecoveryKeyFromPassphrase();
    a1.recoveryKey = recovery;
    await a1.bootstrapCrossSigning();
    await a1.crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => recovery,
      setupNewSecretStorage: true,
    });
    const room = await encryptedRoom(b1, a1);
    expect(await a1.crypto.isDehydrationSupported()).toBe(true);
    await a1.crypto.startDehydration();
    const base = '/unstable/org.matrix.msc3814.v1/dehydrated_device';
    const { device_id: asleep } = await alice.get(base);

    // Alice has no device left but the one that sleeps.
    a1.stop();
    await alice.post('/v3/logout', {});
    await until(async () => {
      const devices = (await b1.crypto.getUserDeviceInfo([alice.id], true)).get(alice.id);
      return devices && [...devices.keys()].join() === asleep;
    });
    await b1.say(room, 'à ton réveil');

    const a2 = await Device.start(t.server, await alice.login());
    started.push(a2);
    a2.recoveryKey = recovery;
    await a2.bootstrapCrossSigning();
    const received = new Promise<void>((resolve) =>
      a2.client.once(CryptoEvent.RehydrationCompleted, resolve),
    );
    await a2.crypto.startDehydration();
    await received;
    await a2.sees(room, 'à ton réveil');
    expect(await a2.history(room)).toEqual(['à ton réveil']);
    // The one that slept was read, and another sleeps in its place.
    expect((await a2.user.get(base)).device_id).not.toBe(asleep);
    noFaults(a1, a2, b1);
  },
  LONG,
);

/** Sends one message, again with the same transaction id until it is acknowledged. */
async function sendSurely(
  device: Device,
  roomId: string,
  body: string,
  alive: () => Promise<unknown>,
): Promise<void> {
  const room = await device.room(roomId);
  try {
    await device.say(roomId, body);
    return;
  } catch {
    // The server was killed under this request, before or after it wrote the message down.
  }
  await until(async () => {
    await alive();
    const waiting = room.getPendingEvents().find((e) => e.getContent().body === body);
    // Acknowledged, or its echo arrived: it is written.
    if (!waiting || waiting.status === EventStatus.SENT) return true;
    if (waiting.status === EventStatus.NOT_SENT)
      await device.client.resendEvent(waiting, room).catch(() => undefined);
    return false;
  });
}

test(
  `${MESSAGES} encrypted messages, the server killed ${KILLS} times: none unreadable, none lost, none doubled`,
  async () => {
    const { a1, a2, b1, b2 } = await twoAgents();
    const senders = [a1, a2, b1, b2];
    const room = await encryptedRoom(a1, b1);
    for (const device of senders) await until(() => device.crypto.isEncryptionEnabledInRoom(room));
    let alive: Promise<unknown> = Promise.resolve();
    let sent = 0;
    let killed = 0;
    const wanted: string[] = [];
    const talk = async (device: Device, name: string, share: number) => {
      for (let i = 0; i < share; i++) {
        const body = `${name} ${i}`;
        wanted.push(body);
        await sendSurely(device, room, body, () => alive);
        sent++;
        if (killed < KILLS && sent >= ((killed + 1) * MESSAGES) / (KILLS + 1)) {
          killed++;
          alive = t.server.restart('SIGKILL');
          await alive;
          // As an application does when the network is back.
          for (const each of senders) each.client.retryImmediately();
        }
      }
    };
    await Promise.all(senders.map((device, i) => talk(device, `appareil ${i}`, MESSAGES / senders.length)));
    expect(killed).toBe(KILLS);
    expect(wanted).toHaveLength(MESSAGES);
    const expected = wanted.toSorted();
    for (const device of senders) {
      // Keys may still be on their way; then everything must be there, once.
      const history = await until(async () => {
        const now = await device.history(room).catch(() => []);
        return now.length >= MESSAGES ? now : undefined;
      });
      expect(history.toSorted()).toEqual(expected);
    }
    const orders = await Promise.all(senders.map((device) => device.history(room)));
    for (const order of orders) expect(order).toEqual(orders[0]);
    noFaults(...senders);
  },
  LONG,
);
