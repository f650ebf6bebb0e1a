// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import type { MatrixClient, Room } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { expect, test } from 'vitest';
import { until } from '../live.ts';
import { SdkTrust } from './trust.ts';

/** A room of so many people, of whom the first has written; who is in `changed` is not who they were. */
function setUp(count: number) {
  const members = Array.from({ length: count }, (_, i) => `@p${i}:x`);
  const changed = new Set<string>();
  const asked: string[] = [];
  const crypto = {
    getUserVerificationStatus: async (userId: string) => {
      asked.push(userId);
      return { needsUserApproval: changed.has(userId) };
    },
    pinCurrentUserIdentity: async (userId: string) => void changed.delete(userId),
  };
  const client = Object.assign(new EventEmitter(), { getCrypto: () => crypto });
  const room = Object.assign(new EventEmitter(), {
    getJoinedMembers: () => members.map((userId) => ({ userId })),
    getMember: () => null,
    hasEncryptionStateEvent: () => true,
    getLiveTimeline: () => ({ getEvents: () => [{ getSender: () => '@p0:x' }] }),
  });
  const trust = new SdkTrust(client as unknown as MatrixClient, room as unknown as Room);
  return { client, trust, changed, asked };
}

test('[UX-24] in a small room each is asked of', async () => {
  const { trust, changed, asked } = setUp(3);
  changed.add('@p2:x');
  await until(trust.changed, ([first]) => first?.id === '@p2:x');
  expect(asked).toHaveLength(3);
  await trust.accept('@p2:x');
  expect(trust.changed.get()).toEqual([]);
});

test('[UX-24] in a large one, who has written, and who changes while one looks', async () => {
  const { client, trust, changed, asked } = setUp(500);
  changed.add('@p0:x');
  await until(trust.changed, ([first]) => first?.id === '@p0:x');
  expect(asked).toEqual(['@p0:x']);
  changed.add('@p400:x');
  client.emit(CryptoEvent.UserTrustStatusChanged, '@p400:x');
  await until(trust.changed, (people) => people.length === 2);
  trust.close();
});
