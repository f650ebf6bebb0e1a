// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { type DeviceIsolationMode, DeviceIsolationModeKind } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test, vi } from 'vitest';
import { Recipients } from './recipients.ts';

const ME = '@camille:x';
const ALIX = '@alix:x';
const ROBOT = '@robot:x';

interface Devices {
  devices: string[];
  /** Of them, those that their owner has confirmed. */
  signed?: string[];
  identity?: boolean;
}

/** A cryptography that says with which way of sharing each message was encrypted. */
function scene(people: Record<string, Devices>, confirmed = true) {
  let mode: DeviceIsolationMode | undefined;
  const shared: [string, string][] = [];
  const getUserDeviceInfo = vi.fn(
    async (...[ids]: [string[], boolean]) =>
      new Map(
        ids.map((id) => [
          id,
          new Map((people[id]?.devices ?? []).map((deviceId) => [deviceId, { deviceId, dehydrated: false }])),
        ]),
      ),
  );
  const crypto = {
    setDeviceIsolationMode: (next: DeviceIsolationMode) => {
      mode = next;
    },
    getDeviceVerificationStatus: async (userId: string, deviceId: string) =>
      userId === ME
        ? { crossSigningVerified: confirmed, signedByOwner: confirmed }
        : { signedByOwner: people[userId]?.signed?.includes(deviceId) === true },
    userHasCrossSigningKeys: async (userId: string) => people[userId]?.identity === true,
    getUserDeviceInfo,
    encryptEvent: async (...[event]: [MatrixEvent, Room]) => {
      const to = mode?.kind === DeviceIsolationModeKind.OnlySignedDevicesIsolationMode ? 'confirmed' : 'all';
      shared.push([String(event), to]);
      await Promise.resolve();
    },
  };
  const client = Object.assign(new EventEmitter(), {
    getCrypto: () => crypto,
    getSafeUserId: () => ME,
    getDeviceId: () => 'HERE',
  });
  Recipients.choose(client as unknown as MatrixClient);
  const send = (word: string, ...members: string[]) =>
    crypto.encryptEvent.call(
      crypto,
      word as unknown as MatrixEvent,
      {
        getEncryptionTargetMembers: async () => [ME, ...members].map((userId) => ({ userId })),
      } as unknown as Room,
    );
  return { client, people, shared, send, getUserDeviceInfo, reading: () => mode?.kind };
}

const confirms = (...signed: string[]): Devices => ({
  devices: [...signed, 'ROGUE'],
  signed,
  identity: true,
});
const HERE = { [ME]: confirms('HERE') };

test('a key goes to confirmed devices alone; what is read goes by no such rule', async () => {
  const { send, shared, reading } = scene({ ...HERE, [ALIX]: confirms('A') });
  await send('un', ALIX);
  expect(shared).toEqual([['un', 'confirmed']]);
  expect(reading()).toBe(DeviceIsolationModeKind.AllDevicesIsolationMode);
});

test('where somebody’s client knows no confirming, all devices get it, until it does', async () => {
  const { client, people, send, shared, getUserDeviceInfo } = scene({
    ...HERE,
    [ALIX]: confirms('A'),
    [ROBOT]: { devices: ['R'] },
  });
  await send('un', ALIX, ROBOT);
  await send('deux', ALIX);
  await send('trois', ALIX, ROBOT);
  people[ROBOT] = confirms('R');
  client.emit(CryptoEvent.DevicesUpdated, [ROBOT]);
  await send('quatre', ALIX, ROBOT);
  expect(shared.map(([, to]) => to)).toEqual(['all', 'confirmed', 'all', 'confirmed']);
  // Nobody is asked about twice for nothing.
  expect(getUserDeviceInfo.mock.calls.map(([ids]) => ids)).toEqual([[ME, ALIX, ROBOT], [ROBOT]]);
});

test('whoever has an identity and no confirmed device gets none; who has no device is no reason', async () => {
  const { send, shared } = scene({
    ...HERE,
    [ALIX]: { devices: ['ROGUE'], identity: true },
    '@nobody:x': { devices: [] },
  });
  await send('un', ALIX, '@nobody:x');
  expect(shared).toEqual([['un', 'confirmed']]);
});

test('a device that is not confirmed itself writes to all', async () => {
  const { send, shared } = scene({ ...HERE, [ALIX]: confirms('A') }, false);
  await send('un', ALIX);
  expect(shared).toEqual([['un', 'all']]);
});

test('in a very large room nobody is asked; in any, the order of what is written stays', async () => {
  const { send, shared, getUserDeviceInfo } = scene({ ...HERE, [ROBOT]: { devices: ['R'] } });
  const many = Array.from({ length: 1000 }, (_, i) => `@u${i}:x`);
  const sent = [send('un', ROBOT), send('deux', ...many), send('trois')];
  await Promise.all(sent);
  expect(shared).toEqual([
    ['un', 'all'],
    ['deux', 'confirmed'],
    ['trois', 'confirmed'],
  ]);
  expect(getUserDeviceInfo).toHaveBeenCalledTimes(1);
});
