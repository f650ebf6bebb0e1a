// SPDX-License-Identifier: EUPL-1.2
import { ClientEvent, MatrixEventEvent, RoomEvent } from 'matrix-js-sdk';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test, vi } from 'vitest';
import { eventOf, ME, PAUL, scene } from './doubts-scene.ts';

const { AUTHENTICITY_NOT_GUARANTEED } = EventShieldReason;

test('what comes while this device looks on and needs the backup to be read has no author', async () => {
  const { doubts, room, come, sync, told, own } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  const before = Date.now();
  await sync();
  const message = await come(eventOf());
  expect(told).toHaveBeenCalled();
  expect(doubts.of(room, message)).toBe('author');
  // It was written after the answer before, and by then others wrote for this device.
  const [[at]] = own.isKnown.mock.calls as unknown as [[number]];
  expect(at).toBeGreaterThanOrEqual(before);
  // Of what came with other keys, nothing is said.
  const other = eventOf({ session: 'other' });
  await doubts.settle(room, [other]);
  expect(doubts.of(room, other)).toBeUndefined();
});

const state = (membership: string) => ({
  state: {
    events: [{ type: 'm.room.member', state_key: ME, sender: ME, event_id: '$me', content: { membership } }],
  },
});

test.each([
  ['in the first sync', {}, false, 'join', {}],
  ['by which one comes into the room', {}, true, 'invite', {}],
  ['by which one comes into the room again', {}, true, 'leave', {}],
  ['by which one has been out', {}, true, 'join', state('leave')],
  ['before others know that this device is confirmed', { known: false }, true, 'join', {}],
] as const)('what comes %s may need the backup', async (_, parts, synced, membership, more) => {
  const { doubts, room, come, sync, enter } = scene([AUTHENTICITY_NOT_GUARANTEED], parts);
  if (synced) await sync();
  enter(membership);
  const message = await come(eventOf(), more);
  enter('join');
  await doubts.settle(room, [message]);
  expect(doubts.of(room, message)).toBeUndefined();
});

test('that one has been out is read where the SDK reads it', async () => {
  const { doubts, room, come, sync } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  await sync();
  const after = { 'org.matrix.msc4222.state_after': { events: [] } };
  const message = await come(eventOf(), { ...state('leave'), ...after });
  expect(doubts.of(room, message)).toBe('author');
});

test('what the SDK says is live, and the server has not told now, may need the backup', async () => {
  const { client, doubts, room, sync } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  await sync();
  await sync();
  const reply = eventOf();
  client.emit(RoomEvent.Timeline, reply, room, false, false, { liveEvent: true });
  client.emit(MatrixEventEvent.Decrypted, reply);
  await doubts.settle(room, [reply]);
  expect(doubts.of(room, reply)).toBeUndefined();
});

test('a sync that fails, or what is left of the last visit, begins nothing', async () => {
  const { client, doubts, room, come } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  for (const how of ['ERROR', 'RECONNECTING', 'PREPARED']) client.emit(ClientEvent.Sync, how, null);
  const message = await come(eventOf());
  expect(doubts.of(room, message)).toBeUndefined();
});

test.each([
  ['no rooms', null],
  ['a room of nothing', { join: { '!r': null } }],
  ['no events', { join: { '!r': { timeline: { events: 'rien' }, state: 3 } } }],
  ['events of nothing', { join: { '!r': { timeline: { events: [null, { type: 'm.room.encrypted' }] } } } }],
])('an answer with %s is one', async (_, rooms) => {
  const { doubts, sync } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  await sync();
  await expect(doubts.take({ rooms } as never)).resolves.toBeUndefined();
});

test('of all that came live with one key, the one that is asked about is not alone', async () => {
  const vault = new Map<string, unknown>();
  const { client, doubts, room, sync, news } = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await sync();
  const [hidden, forged] = [eventOf(), eventOf()];
  await news([hidden, forged]);
  for (const event of [hidden, forged]) client.emit(MatrixEventEvent.Decrypted, event);
  await doubts.settle(room, []);
  const later = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await later.doubts.settle(later.room, [forged]);
  expect(later.doubts.of(later.room, forged)).toBe('author');
});

test('a flood of messages of one key pushes no other out of what is kept', async () => {
  const vault = new Map<string, unknown>();
  const { come, sync } = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await sync();
  const forged = await come(eventOf());
  for (let i = 0; i < 1100; i++) await come(eventOf({ session: 'flood' }));
  const later = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await later.doubts.settle(later.room, [forged]);
  expect(later.doubts.of(later.room, forged)).toBe('author');
});

test('a message of somebody else with a key that is known says nothing of the others of that key', async () => {
  const { doubts, room, come, sync } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  const old = eventOf();
  await doubts.settle(room, [old]);
  await sync();
  const copy = await come(eventOf({ sender: PAUL }));
  expect(doubts.of(room, copy)).toBe('author');
  expect(doubts.of(room, old)).toBeUndefined();
});

test('a key that was on its way takes the doubt away, at the next visit too', async () => {
  const vault = new Map<string, unknown>();
  const { doubts, room, come, sync, told } = scene([AUTHENTICITY_NOT_GUARANTEED, null], { vault });
  await sync();
  const message = await come(eventOf());
  expect(doubts.of(room, message)).toBe('author');
  expect(vault.get('unproven')).toMatchObject({ keys: [expect.any(String)] });
  told.mockClear();
  await sync();
  expect(told).toHaveBeenCalledOnce();
  await doubts.settle(room, [message]);
  expect(doubts.of(room, message)).toBeUndefined();
  expect(told).toHaveBeenCalledTimes(2);
  expect(vault.get('unproven')).toMatchObject({ keys: [] });
});

test('while the server holds more of what was sent to this device, a key is waited for', async () => {
  const { doubts, room, come, sync, reasons } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  await sync();
  const message = await come(eventOf());
  for (let i = 0; i < 50; i++) {
    await sync({ to_device: { events: [{ type: 'm.room.encrypted', sender: PAUL, content: {} }] } });
    await doubts.settle(room, [message]);
  }
  expect(doubts.of(room, message)).toBe('author');
  reasons[0] = null;
  await sync();
  await doubts.settle(room, [message]);
  expect(doubts.of(room, message)).toBeUndefined();
});

test('one that never comes is not asked for without end, and the doubt is there at the next visit', async () => {
  const { crypto, doubts, room, come, sync, told, vault } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  await sync();
  const message = await come(eventOf());
  for (let i = 0; i < 50; i++) {
    await sync();
    await doubts.settle(room, [message]);
    expect(doubts.of(room, message)).toBe('author');
  }
  expect(told.mock.calls.length).toBeLessThan(30);
  expect(crypto.getEncryptionInfoForEvent.mock.calls.length).toBeLessThan(30);
  const later = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await later.doubts.settle(later.room, [message]);
  expect(later.doubts.of(later.room, message)).toBe('author');
});

test('who was away so long that keys may have been dropped misses none of them, nor soon after', async () => {
  const DAY = 24 * 3_600_000;
  const vault = new Map<string, unknown>();
  const now = vi.spyOn(Date, 'now').mockReturnValue(2 * DAY);
  await scene([AUTHENTICITY_NOT_GUARANTEED], { vault }).sync();
  const later = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  const doubted = async (day: number, session: string) => {
    now.mockReturnValue(day * DAY);
    const message = await later.come(eventOf({ session }));
    return later.doubts.of(later.room, message);
  };
  expect(await doubted(40, 'a')).toBe('author');
  expect(await doubted(140, 'b')).toBeUndefined();
  expect(await doubted(141, 'c')).toBeUndefined();
  expect(await doubted(149, 'd')).toBeUndefined();
  expect(await doubted(150, 'e')).toBe('author');
  now.mockRestore();
});

test('what is kept and cannot be read is not written over', async () => {
  const vault = new Map<string, unknown>([['unproven', 'kept']]);
  const { come, sync } = scene([AUTHENTICITY_NOT_GUARANTEED], { vault, broken: true });
  await sync();
  await come(eventOf());
  expect(vault.get('unproven')).toBe('kept');
});
