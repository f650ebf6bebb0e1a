// SPDX-License-Identifier: EUPL-1.2
import type { MatrixEvent } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test } from 'vitest';
import { ALIX, eventOf, PAUL, scene, settled } from './doubts-scene.ts';

/** As a message of that number begins. */
const ciphertextOf = (...number: number[]) =>
  btoa(String.fromCharCode(3, 8, ...number, 18, 32, 1, 2, 3, 4, 5));

test('what was written once and comes under two names is told of both', async () => {
  const { doubts, room, told } = scene([null]);
  const first = eventOf({ ciphertext: ciphertextOf(200, 1) });
  const other = eventOf({ ciphertext: ciphertextOf(72) });
  const elsewhere = eventOf({ ciphertext: ciphertextOf(200, 1), session: 'other' });
  await doubts.settle(room, [first, other, elsewhere]);
  for (const event of [first, other, elsewhere, first]) expect(doubts.of(room, event)).toBeUndefined();
  const again = eventOf({ ciphertext: ciphertextOf(200, 1) });
  expect(doubts.of(room, again)).toBe('twice');
  expect(doubts.of(room, first)).toBe('twice');
  expect(doubts.of(room, other)).toBeUndefined();
  await settled();
  expect(told).toHaveBeenCalledOnce();
});

test('a copy that somebody else sends as their own makes nobody’s message one that came twice', async () => {
  const { doubts, room, crypto } = scene([null]);
  const number = { ciphertext: ciphertextOf(7) };
  const [first, copy] = [eventOf(number), eventOf({ ...number, sender: PAUL })];
  crypto.getEncryptionInfoForEvent.mockImplementation((async (event: MatrixEvent) => ({
    shieldColour: 0,
    shieldReason: event.getSender() === PAUL ? EventShieldReason.MISMATCHED_SENDER : null,
  })) as never);
  for (const event of [copy, first, copy]) doubts.of(room, event);
  await doubts.settle(room, [copy, first]);
  for (const event of [copy, first, copy]) doubts.of(room, event);
  expect(doubts.of(room, first)).toBeUndefined();
  expect(doubts.of(room, copy)).toBe('author');
});

test('nor does one with a key from the backup, of which nobody knows whose it is', async () => {
  const { doubts, room } = scene([EventShieldReason.AUTHENTICITY_NOT_GUARANTEED]);
  const number = { ciphertext: ciphertextOf(7) };
  const both = [eventOf(number), eventOf({ ...number, sender: PAUL })];
  await doubts.settle(room, both);
  for (const event of both) expect(doubts.of(room, event)).toBeUndefined();
  const again = eventOf(number);
  expect([again, ...both].map((event) => doubts.of(room, event))).toEqual(['twice', 'twice', undefined]);
});

test('one whose device is not known yet is compared once it is', async () => {
  const { client, doubts, room } = scene([
    EventShieldReason.UNKNOWN_DEVICE,
    EventShieldReason.UNKNOWN_DEVICE,
    null,
  ]);
  const [first, again] = [1, 2].map(() => eventOf({ ciphertext: ciphertextOf(7) }));
  await doubts.settle(room, [first!, again!]);
  expect(doubts.of(room, again!)).toBe('author');
  client.emit(CryptoEvent.DevicesUpdated, [ALIX]);
  await doubts.settle(room, [first!, again!]);
  expect([first!, again!].map((event) => doubts.of(room, event))).toEqual(['twice', 'twice']);
});

test('two that are on the screen before anything is known of their key are told of once it is', async () => {
  const { doubts, room, told } = scene([null]);
  const both = [1, 2].map(() => eventOf({ ciphertext: ciphertextOf(7) }));
  for (const event of both) expect(doubts.of(room, event)).toBeUndefined();
  await doubts.settle(room, []);
  await settled();
  expect(told).toHaveBeenCalledOnce();
  expect(both.map((event) => doubts.of(room, event))).toEqual(['twice', 'twice']);
});

test.each(['', '!', btoa('\u0003'), btoa('\u0004\u0008\u0001'), btoa(`\u0003\u0008${'\u00ff'.repeat(10)}`)])(
  'a message of no number (%j) is like none',
  async (ciphertext) => {
    const { doubts, room } = scene([null]);
    const events = [eventOf({ ciphertext }), eventOf({ ciphertext })];
    await doubts.settle(room, events);
    for (const event of events) expect(doubts.of(room, event)).toBeUndefined();
  },
);
