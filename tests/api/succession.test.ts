// SPDX-License-Identifier: EUPL-1.2
// A room keeps an administrator: docs/design/room-rules.md, "Last administrator".
import { beforeAll, expect, test } from 'vitest';
import { path } from './src/http.ts';
import { accessRule, newAgent, newExternal } from './src/people.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, type User } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });

let bob: User;
let carol: User;
let partner: User;
beforeAll(async () => {
  bob = await newAgent(t.server, 'bob');
  carol = await newAgent(t.server, 'carol');
  partner = await newExternal(t.server);
});

const levelOf = async (who: User, room: string, user: User) =>
  (await who.getState(room, 'm.room.power_levels')).users?.[user.id] ?? 0;
const orphans = async () =>
  (await t.server.command('room', 'orphans')).split('\n').map((line) => line.split('\t')[0]);

async function roomOf(owner: User, members: User[], body: object = {}) {
  const room = await owner.createRoom({ initial_state: [accessRule('unrestricted')], ...body });
  for (const member of members) {
    await owner.invite(room, member.id);
    await member.join(room);
  }
  return room;
}

test('[R-LAST] the last administrator leaves: the moderator follows, in the same breath', async () => {
  for (const room_version of ['12', '11']) {
    const alice = await newAgent(t.server);
    const room = await roomOf(alice, [partner, carol, bob], { room_version });
    await alice.powerLevels(room, (levels) => {
      levels.users = { ...levels.users, [bob.id]: 50 };
    });
    await alice.leave(room);
    expect(await levelOf(bob, room, bob)).toBe(100);
    expect(await levelOf(bob, room, carol)).toBe(0);
    const levels = (await bob.allState(room)).find((e) => e.type === 'm.room.power_levels');
    expect(levels?.sender).toBe(alice.id);
    await bob.powerLevels(room, (changed) => {
      changed.kick = 60;
    });
  }
});

test('[R-LAST] without a moderator the agent who is in the longest follows, never an external', async () => {
  const alice = await newAgent(t.server);
  const room = await roomOf(alice, [partner, carol, bob]);
  const member = path`/v3/rooms/${room}/state/m.room.member/${alice.id}`;
  await alice.put(member, { membership: 'leave' }); // by the other road
  expect(await levelOf(carol, room, carol)).toBe(100);
  expect(await levelOf(carol, room, bob)).toBe(0);
  expect(await levelOf(carol, room, partner)).toBe(0);
});

test('[R-LAST] another administrator is in: nobody is promoted', async () => {
  const alice = await newAgent(t.server);
  const room = await roomOf(alice, [carol, bob]);
  await alice.powerLevels(room, (levels) => {
    levels.users = { ...levels.users, [bob.id]: 100 };
  });
  await carol.leave(room);
  await alice.leave(room);
  const levels = (await bob.allState(room)).find((e) => e.type === 'm.room.power_levels');
  expect(levels?.content.users).toEqual({ [bob.id]: 100 });
});

test('[R-LAST] a closed account is followed as well', async () => {
  const alice = await newAgent(t.server);
  const room = await roomOf(alice, [partner, bob]);
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: alice.id },
    password: PASSWORD,
  };
  await alice.post('/v3/account/deactivate', { auth });
  await expect.poll(() => levelOf(bob, room, bob), { timeout: 10_000 }).toBe(100);
});

test('[R-LAST] with no agent left the room is listed for the operator; direct rooms are not', async () => {
  const alice = await newAgent(t.server);
  const room = await roomOf(alice, [partner]);
  const direct = await roomOf(alice, [partner], {
    is_direct: true,
    preset: 'trusted_private_chat',
    initial_state: [],
  });
  const alive = await roomOf(alice, [bob]);
  const empty = await alice.createRoom({});
  for (const id of [room, direct, alive, empty]) await alice.leave(id);
  expect(await levelOf(partner, room, partner)).toBe(0);
  expect(await levelOf(partner, direct, partner)).toBe(0);
  const listed = await orphans();
  expect(listed).toContain(room);
  for (const id of [direct, alive, empty]) expect(listed).not.toContain(id);
});
