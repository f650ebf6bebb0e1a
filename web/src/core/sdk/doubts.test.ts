// SPDX-License-Identifier: EUPL-1.2
import { EventStatus, type MatrixEvent } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test } from 'vitest';
import { ALIX, eventOf, scene } from './doubts-scene.ts';

test('in an encrypted room what came in clear is doubted, at once and without asking', () => {
  const { doubts, room, crypto } = scene([null]);
  expect(doubts.of(room, eventOf({ encrypted: false }))).toBe('clear');
  expect(doubts.of(room, eventOf({ encrypted: false, status: EventStatus.SENDING }))).toBeUndefined();
  expect(doubts.of(room, eventOf({ encrypted: false, state: true }))).toBeUndefined();
  expect(doubts.of(room, eventOf({ encrypted: false, redacted: true }))).toBeUndefined();
  expect(crypto.getEncryptionInfoForEvent).not.toHaveBeenCalled();
});

test('a room that is not encrypted doubts nothing, unless this device has learnt that it was', async () => {
  const open = scene([null], { encrypted: false });
  await open.doubts.settle(open.room, [eventOf({ encrypted: false })]);
  expect(open.doubts.of(open.room, eventOf({ encrypted: false }))).toBeUndefined();
  const stripped = scene([null], { encrypted: false, learnt: true });
  await stripped.doubts.settle(stripped.room, [eventOf({ encrypted: false })]);
  expect(stripped.doubts.of(stripped.room, eventOf({ encrypted: false }))).toBe('clear');
});

test('an edit in clear of an encrypted message is one', async () => {
  const { doubts, room } = scene([null]);
  const edited = eventOf({ edit: eventOf({ encrypted: false }) });
  await doubts.settle(room, [edited]);
  expect(doubts.of(room, edited)).toBe('clear');
});

test('what came with one key is asked for once, and told once', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  const events = [1, 2, 3].map(() => eventOf());
  for (const event of events) expect(doubts.of(room, event)).toBeUndefined();
  await doubts.settle(room, [events[0]!]);
  for (const event of events) expect(doubts.of(room, event)).toBe('device');
  expect(told).toHaveBeenCalledOnce();
  // A doubt is looked at twice.
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(2);
  await doubts.settle(room, [eventOf({ session: 'other' })]);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(4);
});

test('a device that is not known yet is waited for before it is doubted', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNKNOWN_DEVICE, null]);
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  expect(crypto.getUserDeviceInfo).toHaveBeenCalledWith([ALIX]);
  expect(told).not.toHaveBeenCalled();
});

test.each([EventShieldReason.AUTHENTICITY_NOT_GUARANTEED, EventShieldReason.UNVERIFIED_IDENTITY, null])(
  'reason %s, of every message from the backup or of people one has not compared with, is no doubt',
  async (reason) => {
    const { doubts, room } = scene([reason]);
    await doubts.settle(room, [eventOf()]);
    expect(doubts.of(room, eventOf())).toBeUndefined();
  },
);

test.each([EventShieldReason.UNKNOWN_DEVICE, EventShieldReason.MISMATCHED_SENDER])(
  'reason %s: nothing says who has written it',
  async (reason) => {
    const { doubts, room } = scene([reason]);
    await doubts.settle(room, [eventOf()]);
    expect(doubts.of(room, eventOf())).toBe('author');
  },
);

test('a doubt stands until its answer is another, which is asked for once its sender’s devices change', async () => {
  const { UNSIGNED_DEVICE } = EventShieldReason;
  const { client, doubts, room, crypto, told } = scene([UNSIGNED_DEVICE, UNSIGNED_DEVICE, null]);
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBe('device');
  client.emit(CryptoEvent.DevicesUpdated, ['@paul:example.org']);
  expect(told).toHaveBeenCalledTimes(1);
  client.emit(CryptoEvent.DevicesUpdated, [ALIX]);
  expect(told).toHaveBeenCalledTimes(2);
  expect(doubts.of(room, eventOf())).toBe('device');
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  expect(told).toHaveBeenCalledTimes(3);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(3);
});

test('a message that is deleted while it is asked about clears none of those that came with its key', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  const deleted = { ...eventOf(), isRedacted: () => gone } as MatrixEvent;
  let gone = false;
  crypto.getUserDeviceInfo.mockImplementationOnce(async () => {
    gone = true;
    crypto.getEncryptionInfoForEvent.mockResolvedValueOnce(null as never);
    return new Map();
  });
  await doubts.settle(room, [deleted]);
  expect(doubts.of(room, eventOf())).toBe('device');
  expect(told).toHaveBeenCalled();
  // It was no answer: the next one is asked about, and what is said of it holds.
  await doubts.settle(room, [eventOf()]);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(4);
  expect(doubts.of(room, eventOf())).toBe('device');
});

test('one that is deleted before it could be asked about leaves the question to the others', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  let gone = false;
  const deleted = { ...eventOf(), isRedacted: () => gone } as MatrixEvent;
  crypto.getEncryptionInfoForEvent.mockImplementationOnce(async () => {
    gone = true;
    return null as never;
  });
  const other = eventOf();
  expect(doubts.of(room, deleted)).toBeUndefined();
  await doubts.settle(room, [other]);
  // Those that stand on the screen are looked at again.
  expect(told).toHaveBeenCalledOnce();
  await doubts.settle(room, [other]);
  expect(doubts.of(room, other)).toBe('device');
});

test('what could not be answered is asked for again', async () => {
  const { doubts, room, crypto } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  crypto.getEncryptionInfoForEvent.mockRejectedValueOnce(new Error('busy'));
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBe('device');
});
