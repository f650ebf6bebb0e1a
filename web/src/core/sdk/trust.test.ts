// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import type { MatrixClient, Room } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { afterEach, expect, test, vi } from 'vitest';
import { until } from '../live.ts';
import { SdkTrust } from './trust.ts';

/** A room of so many people, of whom the first has written; who is in `changed` is not who they were. */
function setUp(count: number) {
  const changed = new Set<string>();
  const asked: string[] = [];
  const failing = new Set<string>();
  const crypto = {
    getUserVerificationStatus: async (userId: string) => {
      asked.push(userId);
      if (failing.delete(userId)) throw new Error('busy');
      return { needsUserApproval: changed.has(userId) };
    },
    pinCurrentUserIdentity: async (userId: string) => void changed.delete(userId),
  };
  const client = Object.assign(new EventEmitter(), { getCrypto: () => crypto });
  const room = roomOf(Array.from({ length: count }, (_, i) => `@p${i}:x`));
  const open = (which: object = room) =>
    new SdkTrust(client as unknown as MatrixClient, which as unknown as Room);
  return { client, room, trust: open(), open, changed, asked, failing };
}

const roomOf = (members: readonly string[], invited: readonly string[] = []) =>
  Object.assign(new EventEmitter(), {
    getJoinedMembers: () => members.map((userId) => ({ userId })),
    getMembersWithMembership: () => invited.map((userId) => ({ userId })),
    shouldEncryptForInvitedMembers: () => true,
    getMember: () => null,
    hasEncryptionStateEvent: () => true,
    getLiveTimeline: () => ({ getEvents: () => [{ getSender: () => '@p0:x' }] }),
  });

test('[UX-24] in a small room each is asked of', async () => {
  const { trust, changed, asked } = setUp(3);
  changed.add('@p2:x');
  await until(trust.changed, ([first]) => first?.id === '@p2:x');
  expect(asked).toHaveLength(3);
  await trust.accept('@p2:x');
  expect(trust.changed.get()).toEqual([]);
});

afterEach(() => void vi.useRealTimers());

test('[UX-24] in a large one, who has written, and who changes while one looks', async () => {
  const { client, trust, changed, asked } = setUp(500);
  changed.add('@p0:x');
  await until(trust.changed, ([first]) => first?.id === '@p0:x');
  expect(asked[0]).toBe('@p0:x');
  changed.add('@p400:x');
  client.emit(CryptoEvent.UserTrustStatusChanged, '@p400:x');
  await until(trust.changed, (people) => people.length === 2);
  trust.close();
});

test('[UX-24] the others of a large room come after, a few at a time, and each of them once in a session', async () => {
  vi.useFakeTimers();
  const { open, trust, changed, asked } = setUp(300);
  changed.add('@p299:x');
  await vi.advanceTimersByTimeAsync(50);
  expect(asked).toEqual(['@p0:x']);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked.length).toBeLessThan(20);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(trust.changed.get().map(({ id }) => id)).toEqual(['@p299:x']);
  expect(new Set(asked).size).toBe(300);
  trust.close();

  asked.length = 0;
  const again = open();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(again.changed.get().map(({ id }) => id)).toEqual(['@p299:x']);
  expect(new Set(asked)).toEqual(new Set(['@p0:x', '@p299:x']));
  again.close();
});

test('nothing more is asked for a room that was left', async () => {
  vi.useFakeTimers();
  const { trust, asked } = setUp(300);
  await vi.advanceTimersByTimeAsync(150);
  trust.close();
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(before);
});

test('[UX-24] whom a small room has found is told in a large one too, where they are silent', async () => {
  vi.useFakeTimers();
  const { open, trust, changed } = setUp(3);
  changed.add('@p2:x');
  await vi.advanceTimersByTimeAsync(1000);
  expect(trust.changed.get().map(({ id }) => id)).toEqual(['@p2:x']);
  const large = open(roomOf(Array.from({ length: 200 }, (_, i) => `@p${i}:x`)));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(large.changed.get().map(({ id }) => id)).toEqual(['@p2:x']);
  trust.close();
  large.close();
});

test('[UX-24] of whom nobody could be asked is asked again, and not without end', async () => {
  vi.useFakeTimers();
  const { open, trust, changed, failing, asked } = setUp(300);
  changed.add('@p299:x');
  failing.add('@p299:x');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked.filter((userId) => userId === '@p299:x')).toHaveLength(1);
  trust.close();
  const again = open();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(again.changed.get().map(({ id }) => id)).toEqual(['@p299:x']);
  again.close();
});

test('[UX-24] who is invited, and gets the keys, is asked of like the others', async () => {
  const { open, trust, changed } = setUp(1);
  trust.close();
  changed.add('@guest:x');
  const room = open(roomOf(['@p0:x'], ['@guest:x']));
  await until(room.changed, ([first]) => first?.id === '@guest:x');
  room.close();
});
