// SPDX-License-Identifier: EUPL-1.2
// Two `chappe serve` on one PostgreSQL, the users split between them. vitest.config.ts leaves this
// file out of the run on SQLite, which has one node by design.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Appservice } from './src/appservice.ts';
import { type Database, newDatabase } from './src/engine.ts';
import { Gateway } from './src/gateway.ts';
import { path } from './src/http.ts';
import { mailsOf } from './src/mail.ts';
import { newAgent } from './src/people.ts';
import { Server } from './src/server.ts';
import { askMail, newAddress, signUp } from './src/signup.ts';
import type { Any } from './src/spec.ts';
import { bodiesOf, roomOf, timelineOf, User } from './src/user.ts';

describe('two nodes', () => {
  let database: Database;
  let dataDir: string;
  let one: Server;
  let two: Server;
  const logger = new Appservice({ id: 'logger', sender: '_logger', rooms: [['!.*', false]] });

  beforeAll(async () => {
    database = await newDatabase('postgres');
    dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
    // One signing key for one server name: both nodes read it from the same place.
    await logger.listen();
    const appservices = await logger.write(dataDir);
    const set = {
      signing_key: join(dataDir, 'signing.key'),
      'push.key': join(dataDir, 'push.key'),
      'push.allow': '127.0.0.1',
      presence: 'on',
      retention: 'on',
      'retention.allowed.min': '0',
      'retention.interval': '100ms',
      appservices,
    };
    const options = { database, set };
    for (const name of ['one', 'two']) await mkdir(join(dataDir, name));
    one = await Server.start({ ...options, dataDir: join(dataDir, 'one') });
    two = await Server.start({ ...options, dataDir: join(dataDir, 'two') });
  });

  afterAll(async () => {
    await one?.dispose();
    await two?.dispose();
    await logger.close();
    await database?.drop();
    if (dataDir) await rm(dataDir, { recursive: true, force: true });
  });

  const elsewhere = (user: User, server: Server) =>
    new User(server.api, { user_id: user.id, access_token: user.token, device_id: user.device });

  test('what one node purges is gone from what the other remembers', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    const events = [await alice.send(room, 'à oublier un'), await bob.send(room, 'à oublier deux')];
    const see = (user: User, event: string) =>
      user.call('GET', path`/v3/rooms/${room}/event/${event}`, { expect: 'any' });
    for (const user of [alice, bob]) {
      for (const event of events) await expect.poll(async () => (await see(user, event)).status).toBe(200);
    }
    await alice.setState(room, 'm.room.retention', { max_lifetime: 1 });
    for (const user of [alice, bob]) {
      for (const event of events) {
        await expect.poll(async () => (await see(user, event)).status, { timeout: 30_000 }).toBe(404);
      }
      expect(bodiesOf((await user.messages(room)).chunk)).toEqual([]);
    }
  });

  test('users of two nodes talk; a message on one wakes a poll on the other', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    let since = (await bob.sync()).next_batch;
    for (let i = 0; i < 10; i++) {
      const parked = bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes(`de A ${i}`), { since });
      await alice.send(room, `de A ${i}`);
      since = (await parked).next_batch;
      await bob.send(room, `de B ${i}`);
    }
    const seen = bodiesOf((await alice.messages(room, { dir: 'f' })).chunk);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => [`de A ${i}`, `de B ${i}`]).flat());
    await alice.accountData('org.example.n', { n: 1 });
    expect(
      await elsewhere(alice, two).get(`/v3/user/${encodeURIComponent(alice.id)}/account_data/org.example.n`),
    ).toEqual({ n: 1 });
  });

  test('one node pushes, whoever is written to where, and the other goes on when it dies', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    const to = await Gateway.start();
    const told = (id: string) => to.events.filter((n) => n.event_id === id).length;
    try {
      await bob.post('/v3/pushers/set', {
        kind: 'http',
        app_id: 'org.example.app',
        pushkey: 'key',
        app_display_name: 'App',
        device_display_name: 'Phone',
        lang: 'fr',
        append: true,
        data: { url: to.url },
      });
      const first = await alice.send(room, 'de A');
      await to.until(() => told(first) > 0);
      const second = await elsewhere(alice, two).send(room, 'de B');
      await to.until(() => told(second) > 0);
      expect([told(first), told(second)]).toEqual([1, 1]);
      // Whichever of the two pushes, it dies once: the other takes over when the lease has run out.
      for (const node of [one, two]) {
        await node.kill9();
        const other = node === one ? two : one;
        const sent = await elsewhere(alice, other).send(room, 'après');
        await to.until(() => told(sent) > 0);
        await node.launch();
      }
    } finally {
      await to.close();
    }
  });

  test('both write into one room at once: one order, nothing lost, nothing doubled', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    const write = async (user: User, name: string) => {
      for (let i = 0; i < 50; i++) await user.send(room, `${name} ${i}`);
    };
    await Promise.all([write(alice, 'A'), write(bob, 'B'), write(elsewhere(alice, two), 'C')]);
    const views = await Promise.all(
      [alice, bob].map(async (user) => bodiesOf((await user.messages(room, { dir: 'f', limit: 500 })).chunk)),
    );
    expect(views[0]).toEqual(views[1]);
    expect(views[0]).toHaveLength(150);
    expect(new Set(views[0]).size).toBe(150);
    for (const name of ['A', 'B', 'C']) {
      expect(views[0].filter((b) => b.startsWith(name))).toEqual(
        Array.from({ length: 50 }, (_, i) => `${name} ${i}`),
      );
    }
  });

  test('the same transaction id on both nodes is one event; a logout on one is known to the other', async () => {
    const alice = await User.register(one.api, 'alice');
    const twin = elsewhere(alice, two);
    const room = await alice.createRoom();
    const ids = await Promise.all(
      [alice, twin, alice, twin].map((user) => user.send(room, 'un', 'm.room.message', 'txn')),
    );
    expect(new Set(ids).size).toBe(1);
    const since = (await twin.sync()).next_batch;
    const parked = twin.sync({ since, timeout: 30_000, expect: [401, 'M_UNKNOWN_TOKEN'] });
    await alice.post('/v3/logout');
    await parked;
  });

  test('typing on one node is seen on the other', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    await alice.put(`/v3/rooms/${encodeURIComponent(room)}/typing/${encodeURIComponent(alice.id)}`, {
      typing: true,
      timeout: 60_000,
    });
    await bob.syncUntil((s) => JSON.stringify(roomOf(s, room)?.ephemeral ?? {}).includes(alice.id));
  });

  test('who syncs on one node is there on the other', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    await alice.roomWith([bob]);
    await alice.put(`/v3/presence/${encodeURIComponent(alice.id)}/status`, {
      presence: 'unavailable',
      status_msg: 'ailleurs',
    });
    await expect
      .poll(() => bob.get(`/v3/presence/${encodeURIComponent(alice.id)}/status`), { timeout: 20_000 })
      .toMatchObject({ presence: 'unavailable', status_msg: 'ailleurs' });
  });

  test('an event delayed on one node is sent once, by whichever lives then', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    const at = () =>
      `/v3/rooms/${encodeURIComponent(room)}/delayed_event/m.room.message/${alice.transaction()}`;
    const since = (await bob.sync()).next_batch;
    const seen = bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('après'), { since });
    for (let i = 0; i < 5; i++)
      await alice.put(at(), { delay: 500, content: { msgtype: 'm.text', body: `à deux ${i}` } });
    await alice.put(at(), { delay: 3000, content: { msgtype: 'm.text', body: 'après' } });
    await one.kill9();
    await seen;
    await one.launch();
    const bodies = bodiesOf((await bob.messages(room, { dir: 'f' })).chunk).toSorted();
    expect(bodies).toEqual(['après', ...Array.from({ length: 5 }, (_, i) => `à deux ${i}`)].toSorted());
  });

  test('an application service is told each event once, in order, by whichever node lives', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    for (let i = 0; i < 10; i++) {
      await alice.send(room, `A ${i}`);
      await bob.send(room, `B ${i}`);
    }
    await two.kill9();
    for (let i = 10; i < 15; i++) await alice.send(room, `A ${i}`);
    await two.launch();
    for (let i = 15; i < 20; i++) await bob.send(room, `B ${i}`);
    const wanted = bodiesOf((await bob.messages(room, { dir: 'f' })).chunk);
    expect(wanted).toHaveLength(30);
    await expect
      .poll(() => bodiesOf(logger.events.filter((e) => e.room_id === room)), { timeout: 60_000 })
      .toEqual(wanted);
  });

  test('mails of both nodes are handed over by the one that has the lease, soon and once', async () => {
    const asked: string[] = [];
    const written = async () => {
      const all = [...(await mailsOf(one)), ...(await mailsOf(two))].map((mail) => mail.to);
      return all.filter((to) => asked.includes(to)).sort();
    };
    // Each is written by a node while the other may have the lease, and nothing else wakes that one.
    for (const server of [one, two, one, two]) {
      asked.push(newAddress('nodes'));
      await askMail(server, asked[asked.length - 1], { at: 'account/3pid' });
      await expect.poll(written, { timeout: 20_000 }).toEqual([...asked].sort());
    }
  });

  test('one node is killed, the other carries on, and the dead one comes back', async () => {
    const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
    const room = await alice.roomWith([bob]);
    const since = (await alice.sync()).next_batch;
    await alice.send(room, 'avant');
    await one.kill9();
    const moved = elsewhere(alice, two);
    await bob.send(room, 'pendant');
    await moved.send(room, 'pendant aussi');
    expect(bodiesOf(timelineOf(await moved.sync({ since }), room))).toEqual([
      'avant',
      'pendant',
      'pendant aussi',
    ]);
    await one.launch();
    expect(bodiesOf(timelineOf(await alice.sync({ since }), room))).toEqual([
      'avant',
      'pendant',
      'pendant aussi',
    ]);
    await alice.send(room, 'après');
    await bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('après'));
  });
});

describe('two nodes that mail', () => {
  test('each mail is handed over once, by whichever node has the lease', async () => {
    const database = await newDatabase('postgres');
    const dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
    const set = { 'registration.mode': 'email', signing_key: join(dataDir, 'signing.key') };
    const nodes: Server[] = [];
    try {
      for (const name of ['one', 'two']) {
        await mkdir(join(dataDir, name));
        nodes.push(await Server.start({ database, set, dataDir: join(dataDir, name) }));
      }
      const addresses = Array.from({ length: 20 }, () => newAddress('nodes'));
      await Promise.all(addresses.map((address, i) => askMail(nodes[i % 2], address)));
      const written = async () => (await Promise.all(nodes.map(mailsOf))).flat().map((mail) => mail.to);
      const until = async (n: number) => {
        while ((await written()).length < n) await new Promise((done) => setTimeout(done, 50));
      };
      await until(20);
      expect((await written()).sort()).toEqual(addresses.sort());
      // Whoever has nothing to do keeps no lease, dead or alive. (Killed with it, before it gave it
      // back, the other would wait until it ends by itself.)
      const given = async () => {
        while ((await database.count("lease WHERE name = 'mail'")) > 0)
          await new Promise((done) => setTimeout(done, 50));
      };
      for (const [i, dies] of [0, 1].entries()) {
        await askMail(nodes[dies], newAddress('last'));
        await until(21 + 2 * i);
        await given();
        await nodes[dies].kill9();
        await askMail(nodes[1 - dies], newAddress('after'));
        await until(22 + 2 * i);
        await nodes[dies].launch();
      }
    } finally {
      for (const node of nodes) await node.dispose();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

test('[DIGEST] of two nodes one tells who is away, once', async () => {
  const database = await newDatabase('postgres');
  const dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
  const set = {
    'registration.mode': 'email',
    'mail.digest_after': '2s',
    signing_key: join(dataDir, 'signing.key'),
  };
  const nodes: Server[] = [];
  try {
    for (const name of ['one', 'two']) {
      await mkdir(join(dataDir, name));
      nodes.push(await Server.start({ database, set, dataDir: join(dataDir, name) }));
    }
    const address = newAddress('away');
    const [alice, bob] = [await newAgent(nodes[0]), await signUp(nodes[0], address)];
    const room = await alice.createRoom({ visibility: 'public' });
    await bob.join(room);
    await alice.send(room, 'un message');
    const digests = async () =>
      (await Promise.all(nodes.map(mailsOf)))
        .flat()
        .filter((mail) => mail.to === address && mail.headers.has('list-unsubscribe')).length;
    // A change of profile wakes the background of the node that takes it.
    const wake = async (n: number) => {
      const at = `/v3/profile/${encodeURIComponent(alice.id)}/avatar_url`;
      const here = new User(nodes[n].api, {
        user_id: alice.id,
        access_token: alice.token,
        device_id: alice.device,
      });
      await here.put(at, { avatar_url: `mxc://localhost/a${Date.now()}` });
    };
    await expect
      .poll(
        async () => {
          await Promise.all([wake(0), wake(1)]);
          return digests();
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBeGreaterThan(0);
    for (let i = 0; i < 5; i++) await Promise.all([wake(0), wake(1)]);
    expect(await digests()).toBe(1);
    expect(await database.count("lease WHERE name = 'digest'")).toBe(1);
  } finally {
    for (const server of nodes) await server.dispose();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('[DIGEST] when the node that tells has died, another one tells once its lease is over', async () => {
  const database = await newDatabase('postgres');
  const dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
  const set = {
    'registration.mode': 'email',
    'mail.digest_after': '2s',
    signing_key: join(dataDir, 'signing.key'),
  };
  const nodes: Server[] = [];
  try {
    for (const name of ['one', 'two']) {
      await mkdir(join(dataDir, name));
      nodes.push(await Server.start({ database, set, dataDir: join(dataDir, name) }));
      // The first has it before there is a second.
      await expect.poll(() => database.count("lease WHERE name = 'digest'"), { timeout: 60_000 }).toBe(1);
    }
    await nodes[0].kill9();
    const address = newAddress('away');
    const [alice, bob] = [await newAgent(nodes[1]), await signUp(nodes[1], address)];
    const room = await alice.createRoom({ visibility: 'public' });
    await bob.join(room);
    await alice.send(room, 'un message');
    await database.run("UPDATE lease SET until_ms = 1 WHERE name = 'digest'", dataDir);
    const at = `/v3/profile/${encodeURIComponent(alice.id)}/avatar_url`;
    const digests = async () =>
      (await mailsOf(nodes[1])).filter((mail) => mail.to === address && mail.headers.has('list-unsubscribe'));
    await expect
      .poll(
        async () => {
          await alice.put(at, { avatar_url: `mxc://localhost/a${Date.now()}` });
          return (await digests()).length;
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBe(1);
  } finally {
    for (const server of nodes) await server.dispose();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);

test('nodes that start at the same time in demonstration make one forum', async () => {
  const database = await newDatabase('postgres');
  const dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
  const set = { 'registration.mode': 'email', signing_key: join(dataDir, 'signing.key') };
  const started: Server[] = [];
  try {
    for (const name of ['one', 'two', 'three', 'four']) await mkdir(join(dataDir, name));
    // The first makes the tables and the key, outside the demonstration.
    const first = { database, dataDir: join(dataDir, 'one'), set: { ...set, 'registration.mode': 'open' } };
    await (await Server.start(first)).dispose();
    const nodes = ['two', 'three', 'four'];
    started.push(
      ...(await Promise.all(
        nodes.map((name) => Server.start({ database, set, dataDir: join(dataDir, name) })),
      )),
    );
    const agent = await newAgent(started[0]);
    const { chunk } = await agent.get('/v3/publicRooms');
    expect(chunk.map((room: Any) => room.name)).toEqual(['Bienvenue']);
  } finally {
    for (const server of started) await server.dispose();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
