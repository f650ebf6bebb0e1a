// SPDX-License-Identifier: EUPL-1.2
import { ConnectionError, type MatrixClient, MatrixError } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import type { Deed } from '../deeds.ts';
import { MemoryVault } from '../vault.ts';
import { SdkDeeds } from './deeds.ts';

const remove: Deed = { what: 'remove', roomId: '!r:x', eventId: '$1' };
const leave: Deed = { what: 'leave', roomId: '!r:x', successor: '@alix:x' };
const REFUSED = new MatrixError({ errcode: 'M_FORBIDDEN' }, 403);

function setUp(vault = new MemoryVault()) {
  const asked: string[] = [];
  const failing: Error[] = [];
  const check = async (what: string) => {
    asked.push(what);
    const error = failing.shift();
    if (error) throw error;
  };
  const authedRequest = vi.fn((...[method, path]: unknown[]) => check(`${method} ${path}`));
  const client = {
    makeTxnId: () => 'txn',
    getRoom: () => null,
    setPowerLevel: (_: string, userId: string, level: number) => check(`${userId} ${level}`),
    forget: async () => {},
    http: { authedRequest },
  } as unknown as MatrixClient;
  return { vault, asked, failing, authedRequest, deeds: new SdkDeeds(client, vault) };
}

const REDACT = 'PUT /rooms/!r%3Ax/redact/%241/txn';

test('what the page’s end left undone is done at the next visit, once', async () => {
  const { vault, asked, deeds } = setUp();
  await deeds.intend(remove);
  expect(asked).toEqual([]);
  const next = setUp(vault);
  await next.deeds.begin();
  await vi.waitFor(() => expect(next.asked).toEqual([REDACT]));
  await expect.poll(() => vault.read('deeds')).toEqual([]);
  const third = setUp(vault);
  await third.deeds.begin();
  await third.deeds.finish();
  expect(third.asked).toEqual([]);
});

test('what is taken back is not done; what is asked for now is not what an earlier visit left', async () => {
  const { vault, asked, deeds } = setUp();
  await deeds.intend(remove);
  await deeds.takeBack(remove);
  await deeds.intend(leave);
  await deeds.begin();
  expect(asked).toEqual([]);
  expect(await vault.read('deeds')).toMatchObject([{ deed: leave }]);
});

test('a request outlives its page; a successor comes before the leaving', async () => {
  const { asked, authedRequest, deeds } = setUp();
  await deeds.intend(leave);
  await deeds.carryOut(leave);
  expect(asked).toEqual(['@alix:x 100', 'POST /rooms/!r%3Ax/leave']);
  expect(authedRequest.mock.calls[0]?.[4]).toEqual({ keepAlive: true });
});

test('without a network it waits for one, with the same words; a refusal is told, and ends it', async () => {
  const { vault, asked, failing, deeds } = setUp();
  failing.push(new ConnectionError('no connection'));
  await deeds.intend(remove);
  const done = deeds.carryOut(remove);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(await vault.read('deeds')).toHaveLength(1);
  deeds.resume();
  await done;
  expect(asked).toEqual([REDACT, REDACT]);

  failing.push(REFUSED);
  await deeds.intend(remove);
  await expect(deeds.carryOut(remove)).rejects.toMatchObject({ code: 'M_FORBIDDEN' });
  expect(await vault.read('deeds')).toEqual([]);
});

test('a successor who is refused is no reason to stay', async () => {
  const { asked, failing, deeds } = setUp();
  failing.push(REFUSED);
  await deeds.carryOut(leave);
  expect(asked).toEqual(['@alix:x 100', 'POST /rooms/!r%3Ax/leave']);
});

test('signing out does what waits', async () => {
  const { asked, deeds } = setUp();
  await deeds.intend(remove);
  await deeds.finish();
  expect(asked).toEqual([REDACT]);
});

test('without its vault a deed is done all the same, and nothing is written over what was not read', async () => {
  const vault = new MemoryVault();
  vi.spyOn(vault, 'read').mockRejectedValueOnce(new Error('broken'));
  const write = vi.spyOn(vault, 'write');
  const { asked, deeds } = setUp(vault);
  await deeds.intend(remove);
  await deeds.carryOut(remove);
  expect(asked).toEqual([REDACT]);
  expect(write).not.toHaveBeenCalled();
});
