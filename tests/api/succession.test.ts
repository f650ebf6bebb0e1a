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

const close = (user: User) =>
  user.post('/v3/account/deactivate', {
    auth: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: user.id },
      password: PASSWORD,
    },
  });

test('[R-LAST] an account is closed only after its rooms have their successors, however many they are', async () => {
  const alice = await newAgent(t.server);
  const rooms: string[] = [];
  // More than one job takes, and some that need nobody.
  for (let i = 0; i < 20; i++) rooms.push(await roomOf(alice, [partner, bob]));
  const direct = await roomOf(alice, [partner], {
    is_direct: true,
    preset: 'trusted_private_chat',
    initial_state: [],
  });
  const alone = await roomOf(alice, [partner]);
  await close(alice);
  for (const room of rooms) expect(await levelOf(bob, room, bob)).toBe(100);
  for (const room of [direct, alone]) expect(await levelOf(partner, room, partner)).toBe(0);
  const promotions = (await bob.allState(rooms[19])).filter((e) => e.type === 'm.room.power_levels');
  expect(promotions[0]?.sender).toBe(alice.id);
  await expect
    .poll(async () => (await bob.getState(rooms[19], 'm.room.member', alice.id)).membership, {
      timeout: 10_000,
    })
    .toBe('leave');
});

test('[R-LAST] the same when the operator closes the account, with the server and without', async () => {
  const [alice, dora] = [await newAgent(t.server), await newAgent(t.server)];
  const room = await roomOf(alice, [bob]);
  const second = await roomOf(dora, [bob]);
  await t.server.command('user', 'deactivate', alice.localpart);
  expect(await levelOf(bob, room, bob)).toBe(100);
  await t.server.stop();
  await t.server.command('user', 'deactivate', dora.localpart);
  await t.server.launch();
  expect(await levelOf(bob, second, bob)).toBe(100);
});

test('[R-LAST] the last administrator does not give the role up before another has it', async () => {
  for (const room_version of ['11', '12']) {
    const [owner, alice] = [await newAgent(t.server), await newAgent(t.server)];
    const room = await roomOf(owner, [partner, bob, alice], { room_version });
    await owner.powerLevels(room, (levels) => {
      levels.users = { ...levels.users, [alice.id]: 100, [bob.id]: 50 };
    });
    await owner.leave(room);
    const levels = await alice.getState(room, 'm.room.power_levels');
    const put = (users: object, expected?: [number, string]) =>
      alice.call('PUT', path`/v3/rooms/${room}/state/m.room.power_levels/`, {
        body: { ...levels, users: { ...levels.users, ...users } },
        expect: expected,
      });
    const refused = await put({ [alice.id]: 50 }, [403, 'M_FORBIDDEN']);
    expect(refused.body['org.chappe.reason']).toBe('last_administrator');
    // Who is not in the room runs nothing in it.
    await put({ [alice.id]: 0, [carol.id]: 100 }, [403, 'M_FORBIDDEN']);
    await put({ [alice.id]: 50, [bob.id]: 100 });
    expect(await levelOf(bob, room, alice)).toBe(50);
  }
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
