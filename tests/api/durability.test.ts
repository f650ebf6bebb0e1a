// SPDX-License-Identifier: EUPL-1.2
// What was acknowledged is there, once, in order, whatever way the server ends.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, type Event, timelineOf, type User } from './src/user.ts';

const t = stage();

async function everything(user: User, room: string): Promise<Event[]> {
  const events: Event[] = [];
  let from: string | undefined;
  do {
    const page = await user.messages(room, { dir: 'f', from });
    events.push(...page.chunk);
    from = page.end;
  } while (from !== undefined);
  return events;
}

test('kill -9 under load: every acknowledged message is there once, and a retry does not double', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 3; round++) {
    const unsure: [User, string][] = [];
    let enough: () => void = () => {};
    const killed = new Promise<void>((resolve) => {
      enough = resolve;
    }).then(() => t.server.kill9());
    let dead = false;
    let count = 0;
    const writer = async (user: User, name: string) => {
      for (let i = 0; !dead; i++) {
        const body = `${round} ${name} ${i}`;
        try {
          acknowledged.set(body, await user.send(room, body, 'm.room.message', body));
          if (++count === 40) enough();
        } catch {
          unsure.push([user, body]);
          dead = true;
        }
      }
    };
    await Promise.all(
      [alice, bob].flatMap((user) => [0, 1, 2, 3].map((n) => writer(user, `${user.localpart}-${n}`))),
    );
    await killed;
    await t.server.launch();
    for (const [user, body] of unsure)
      acknowledged.set(body, await user.send(room, body, 'm.room.message', body));
  }
  const messages = (await everything(alice, room)).filter((e) => e.type === 'm.room.message');
  expect(messages.map((e) => e.content.body).toSorted()).toEqual([...acknowledged.keys()].toSorted());
  for (const event of messages) expect(event.event_id).toBe(acknowledged.get(event.content.body));
  // Each writer's own messages are in the order of their acknowledgements.
  const order = new Map<string, number>();
  for (const event of messages) {
    const [round, name, i] = event.content.body.split(' ');
    const key = `${round} ${name}`;
    expect(Number(i)).toBe((order.get(key) ?? -1) + 1);
    order.set(key, Number(i));
  }
});

test('everything else that was acknowledged survives kill -9', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Salon' });
  const event = await alice.send(room, 'x');
  const since = (await bob.sync()).next_batch;
  await bob.receipt(room, event);
  await bob.put(path`/v3/user/${bob.id}/rooms/${room}/tags/m.favourite`, { order: 1 });
  await bob.accountData('org.example.kept', { n: 1 });
  await bob.put(path`/v3/profile/${bob.id}/displayname`, { displayname: 'Robert' });
  const { filter_id } = await bob.post(path`/v3/user/${bob.id}/filter`, { room: { timeline: { limit: 3 } } });
  await alice.setState(room, 'm.room.topic', { topic: 'gardé' });
  await alice.redact(room, event);
  const second = await bob.login({ initial_device_display_name: 'second' });
  await alice.post('/v3/logout');
  await t.server.restart('SIGKILL');
  await alice.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  expect((await second.get(path`/v3/devices/${second.device}`)).display_name).toBe('second');
  expect((await bob.get(path`/v3/user/${bob.id}/rooms/${room}/tags`)).tags).toEqual({
    'm.favourite': { order: 1 },
  });
  expect(await bob.get(path`/v3/user/${bob.id}/account_data/org.example.kept`)).toEqual({ n: 1 });
  expect((await bob.get(path`/v3/profile/${bob.id}`)).displayname).toBe('Robert');
  await bob.get(path`/v3/user/${bob.id}/filter/${filter_id}`);
  expect((await bob.getState(room, 'm.room.topic')).topic).toBe('gardé');
  expect((await bob.event(room, event)).content).toEqual({});
  const sync = await bob.sync({ since });
  expect(sync.rooms.join[room].ephemeral.events.map((e: Event) => e.type)).toContain('m.receipt');
  expect(timelineOf(sync, room).some((e) => e.type === 'm.room.topic')).toBe(true);
});

test('a polite stop finishes what is asked and ends with status 0, parked polls included', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const since = (await alice.sync()).next_batch;
  const parked = alice.sync({ since, timeout: 60_000, expect: 'any' }).catch(() => undefined);
  const sending = Promise.all(
    Array.from({ length: 20 }, (_, i) => alice.send(room, `${i}`).catch(() => undefined)),
  );
  const acknowledged = (await sending).filter((id) => id !== undefined);
  expect(await t.server.stop()).toBe(0);
  await parked;
  await t.server.launch();
  expect(bodiesOf((await alice.messages(room)).chunk)).toHaveLength(acknowledged.length);
});

test('the store is sound after the worst: chappe check says so', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const writing = Promise.all(
    Array.from({ length: 50 }, (_, i) => alice.send(room, `${i}`).catch(() => undefined)),
  );
  await alice.send(room, 'premier');
  await t.server.kill9();
  await writing;
  await t.server.command('check');
  await t.server.launch();
});
