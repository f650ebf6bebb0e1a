// SPDX-License-Identifier: EUPL-1.2
// Sending, reading one event, redaction, relations, edits, reactions, threads, unsigned.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, type Event, timelineOf, type User } from './src/user.ts';

const t = stage();

const relation = (rel_type: string, event_id: string, extra: object = {}) => ({
  'm.relates_to': { rel_type, event_id, ...extra },
});
const text = (body: string, extra: object = {}) => ({ msgtype: 'm.text', body, ...extra });
const edit = (of: string, body: string) => ({
  ...text(`* ${body}`),
  'm.new_content': text(body),
  ...relation('m.replace', of),
});
const annotation = (of: string, key: string) => relation('m.annotation', of, { key });

test('[R01] [ACL-09] a transaction id answers the same event, within its device, endpoint and room', async () => {
  const alice = await t.user();
  const other = await alice.login();
  const [room, second] = [await alice.createRoom(), await alice.createRoom()];
  const first = await alice.send(room, 'un', 'm.room.message', 'txn');
  expect(await alice.send(room, 'un', 'm.room.message', 'txn')).toBe(first);
  expect(await alice.send(room, 'autre corps', 'm.room.message', 'txn')).toBe(first);
  expect(await other.send(room, 'un', 'm.room.message', 'txn')).not.toBe(first);
  expect(await alice.send(second, 'un', 'm.room.message', 'txn')).not.toBe(first);
  expect(await alice.send(room, { a: 1 }, 'org.example.other', 'txn')).not.toBe(first);
  const redaction = (await alice.put(path`/v3/rooms/${room}/redact/${first}/txn`)).event_id;
  expect(redaction).not.toBe(first);
  expect((await alice.put(path`/v3/rooms/${room}/redact/${first}/txn`)).event_id).toBe(redaction);
  const { chunk } = await alice.messages(room);
  expect(chunk.filter((e: Event) => e.type === 'm.room.message')).toHaveLength(2);
});

test('[JSON-08] transaction ids that differ after a NUL are two', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const [one, two, again] = [
    await alice.send(room, 'un', 'm.room.message', 'txn\0a'),
    await alice.send(room, 'deux', 'm.room.message', 'txn\0b'),
    await alice.send(room, 'un', 'm.room.message', 'txn\0a'),
  ];
  expect(two).not.toBe(one);
  expect(again).toBe(one);
});

test('[R01] the same transaction sent at once twenty times makes one event', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const ids = await Promise.all(
    Array.from({ length: 20 }, () => alice.send(room, 'un', 'm.room.message', 'race')),
  );
  expect(new Set(ids).size).toBe(1);
  expect(bodiesOf((await alice.messages(room)).chunk)).toEqual(['un']);
});

test('[R01] transaction_id is shown to the sending device alone', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const other = await alice.login();
  const room = await alice.roomWith([bob]);
  const id = await alice.send(room, 'un', 'm.room.message', 'mine');
  for (const [reader, wanted] of [
    [alice, 'mine'],
    [other, undefined],
    [bob, undefined],
  ] as [User, string | undefined][]) {
    const inSync = timelineOf(await reader.sync(), room).find((e) => e.event_id === id);
    const inEvent = await reader.event(room, id);
    const inMessages = (await reader.messages(room)).chunk.find((e: Event) => e.event_id === id);
    for (const seen of [inSync, inEvent, inMessages]) expect(seen?.unsigned?.transaction_id).toBe(wanted);
  }
});

test('[R01] transaction ids survive restarts, also the worst one', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const first = await alice.send(room, 'un', 'm.room.message', 'survivor');
  await t.server.restart();
  expect(await alice.send(room, 'un', 'm.room.message', 'survivor')).toBe(first);
  const second = await alice.send(room, 'deux', 'm.room.message', 'survivor2');
  await t.server.restart('SIGKILL');
  expect(await alice.send(room, 'deux', 'm.room.message', 'survivor2')).toBe(second);
  expect(bodiesOf((await alice.messages(room, { dir: 'f' })).chunk)).toEqual(['un', 'deux']);
});

test('[R01] what was sent once is answered as it was, also when it would be refused now', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  const sent = await bob.send(room, 'un', 'm.room.message', 'kept');
  const reaction = await bob.send(room, annotation(root, '👍'), 'm.reaction', 'reaction');
  const redact = () => bob.put(path`/v3/rooms/${room}/redact/${sent}/redaction`);
  const redaction = await redact();
  const again = async () => {
    expect(await bob.send(room, 'un', 'm.room.message', 'kept')).toBe(sent);
    expect(await bob.send(room, annotation(root, '👍'), 'm.reaction', 'reaction')).toBe(reaction);
    expect(await redact()).toEqual(redaction);
  };
  await again();
  await t.server.restart(); // what is known is in the store alone now
  await again();
  await alice.kick(room, bob.id);
  await again();
  await t.server.restart();
  await again();
  await bob.put(path`/v3/rooms/${room}/send/m.room.message/new`, text('deux'), { expect: 403 });
  const { chunk } = await alice.messages(room);
  expect(chunk.filter((e: Event) => e.sender === bob.id && e.type !== 'm.room.member')).toHaveLength(3);
});

test('[R02] unsigned: age at serving, previous content, own membership; what clients send is dropped', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await alice.setState(room, 'm.room.name', { name: 'Un' });
  const id = await alice.setState(room, 'm.room.name', { name: 'Deux' });
  const event = await bob.event(room, id);
  expect(event.unsigned.prev_content).toEqual({ name: 'Un' });
  expect(event.unsigned.replaces_state).toMatch(/^\$/);
  expect(event.unsigned.age).toBeGreaterThanOrEqual(0);
  expect(event.unsigned.membership).toBe('join');
  expect(timelineOf(await bob.sync(), room).find((e) => e.event_id === id)?.unsigned.prev_content).toEqual({
    name: 'Un',
  });
  const sent = await alice.send(room, text('x', { unsigned: { age: 7 } }));
  const seen = await bob.event(room, sent);
  expect(seen.content.unsigned).toEqual({ age: 7 }); // a key of the content is content
  expect(seen).toMatchObject({ sender: alice.id, room_id: room, type: 'm.room.message' });
  expect(Object.keys(seen)).not.toContain('auth_events');
  expect(Object.keys(seen)).not.toContain('hashes');
});

test('[R02] unsigned.membership is that of the reader at the event', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'public_chat' });
  const before = await alice.send(room, 'avant');
  await bob.join(room);
  const after = await alice.send(room, 'après');
  const { chunk } = await bob.messages(room);
  const membership = (id: string) => chunk.find((e: Event) => e.event_id === id).unsigned.membership;
  expect([membership(before), membership(after)]).toEqual(['leave', 'join']);
});

test('[R15] [ACL-11] a redaction empties the event everywhere and says why', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  const secret = await alice.send(room, text('secret effacé', relation('m.thread', root)));
  const since = (await bob.sync()).next_batch;
  const redaction = (await alice.put(path`/v3/rooms/${room}/redact/${secret}/r1`, { reason: 'erreur' }))
    .event_id;
  const views: Any[] = [
    await bob.event(room, secret),
    await bob.messages(room),
    await bob.get(path`/v3/rooms/${room}/context/${secret}`),
    await bob.get(path`/v1/rooms/${room}/relations/${root}`),
    await bob.get(path`/v1/rooms/${room}/threads`),
    await bob.sync(),
    await bob.sync({ since }),
  ];
  for (const view of views) expect(JSON.stringify(view)).not.toContain('secret effacé');
  const event = views[0] as Event;
  expect(event.content).toEqual({});
  expect(event.unsigned.redacted_because).toMatchObject({
    event_id: redaction,
    type: 'm.room.redaction',
    content: { reason: 'erreur' },
  });
  const seen = timelineOf(views[6], room).find((e) => e.event_id === redaction);
  expect(seen?.redacts).toBe(secret);
  expect(seen?.content.redacts).toBe(secret);
});

test('[R15] /send of m.room.redaction works in old and new rooms, and both show redacts in both places', async () => {
  const alice = await t.user();
  for (const room_version of ['10', '12']) {
    const room = await alice.createRoom({ room_version });
    const target = await alice.send(room, 'à effacer');
    const redaction = await alice.send(room, { redacts: target, reason: 'x' }, 'm.room.redaction');
    expect((await alice.event(room, target)).content).toEqual({});
    const event = await alice.event(room, redaction);
    expect([event.redacts, event.content.redacts]).toEqual([target, target]);
  }
});

test('[R15] redaction needs the level or the authorship, and keeps what the version keeps', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const hers = await alice.send(room, 'à Alice');
  await bob.redact(room, hers, { expect: [403, 'M_FORBIDDEN'] });
  expect((await bob.event(room, hers)).content.body).toBe('à Alice');
  const his = await bob.send(room, 'à Bob');
  await bob.redact(room, his);
  const another = await bob.send(room, 'encore');
  await alice.redact(room, another);
  expect((await bob.event(room, another)).content).toEqual({});
  await bob.put(path`/v3/rooms/${room}/state/m.room.member/${bob.id}`, {
    membership: 'join',
    displayname: 'Bob',
    extra: 1,
  });
  const member = (
    await bob.get(path`/v3/rooms/${room}/state/m.room.member/${bob.id}`, { query: { format: 'event' } })
  ).event_id;
  await bob.redact(room, member);
  expect(await bob.getState(room, 'm.room.member', bob.id)).toEqual({ membership: 'join' });
});

test('[R16] a redaction of an event not known is accepted and touches nothing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [room, elsewhere] = [await alice.roomWith([bob]), await alice.createRoom()];
  const other = await alice.send(elsewhere, 'ailleurs');
  const answer = await alice.call('PUT', path`/v3/rooms/${room}/redact/${other}/x1`, {
    body: {},
    expect: 'any',
  });
  expect([200, 400, 403, 404]).toContain(answer.status);
  expect((await alice.event(elsewhere, other)).content.body).toBe('ailleurs');
});

test('[R12] an edit is bundled on every road; the latest wins; the original keeps its content', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const id = await alice.send(room, 'un');
  await alice.send(room, edit(id, 'deux'));
  const last = await alice.send(room, edit(id, 'trois'));
  await bob.send(room, edit(id, 'usurpé'));
  const roads: Record<string, Event | undefined> = {
    event: await bob.event(room, id),
    messages: (await bob.messages(room)).chunk.find((e: Event) => e.event_id === id),
    context: (await bob.get(path`/v3/rooms/${room}/context/${id}`)).event,
    sync: timelineOf(await bob.sync(), room).find((e) => e.event_id === id),
  };
  for (const [road, event] of Object.entries(roads)) {
    expect(event?.unsigned?.['m.relations']?.['m.replace']?.event_id, road).toBe(last);
  }
  expect(roads.messages?.content.body).toBe('un');
  await alice.redact(room, last);
  const after = (await bob.event(room, id)).unsigned['m.relations']['m.replace'];
  expect(after.content['m.new_content'].body).toBe('deux');
});

test('[R13] an edit that breaks a rule is never bundled', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const id = await alice.send(room, 'un');
  const first = await alice.send(room, edit(id, 'deux'));
  await alice.send(room, edit(first, 'une édition d’édition'));
  await alice.send(
    room,
    { body: 'autre type', 'm.new_content': { body: 'x' }, ...relation('m.replace', id) },
    'org.example.other',
  );
  await alice.send(room, { ...text('sans nouveau'), ...relation('m.replace', id) });
  await bob.send(room, edit(id, 'pas l’auteur'));
  expect((await bob.event(room, id)).unsigned['m.relations']['m.replace'].event_id).toBe(first);
  const state = await alice.setState(room, 'm.room.topic', { topic: 'un' });
  await alice.send(
    room,
    { 'm.new_content': { topic: 'deux' }, ...relation('m.replace', state) },
    'm.room.topic',
  );
  expect((await bob.event(room, state)).unsigned?.['m.relations']?.['m.replace']).toBeUndefined();
  expect((await alice.event(room, first)).unsigned?.['m.relations']?.['m.replace']).toBeUndefined();
});

test('[R12] references and threads are bundled, reactions never', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  const reference = await alice.send(room, text('voir', relation('m.reference', root)));
  await bob.send(room, annotation(root, '👍'), 'm.reaction');
  await alice.send(room, text('un', relation('m.thread', root)));
  const latest = await alice.send(room, text('deux', relation('m.thread', root)));
  const bundle = (await alice.event(room, root)).unsigned['m.relations'];
  expect(bundle['m.reference'].chunk).toEqual([{ event_id: reference }]);
  expect(bundle['m.thread']).toMatchObject({
    count: 2,
    current_user_participated: true,
    latest_event: { event_id: latest },
  });
  expect(bundle['m.annotation']).toBeUndefined();
  expect((await bob.event(room, root)).unsigned['m.relations']['m.thread'].current_user_participated).toBe(
    false,
  );
  await alice.redact(room, latest);
  const after = (await alice.event(room, root)).unsigned['m.relations']['m.thread'];
  expect(after.count).toBe(1);
});

test('[R14] the same reaction twice is refused; a thread does not start in a thread', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  const react = (user: User, key: string, txn: string, expected: Any = 200) =>
    user.put(path`/v3/rooms/${room}/send/m.reaction/${txn}`, annotation(root, key), { expect: expected });
  const first = await react(alice, '👍', 'a1');
  await react(alice, '👍', 'a2', [400, 'M_DUPLICATE_ANNOTATION']);
  // What no client could show: some would show nothing any more.
  for (const [i, key] of [{ toString: 1 }, ['👍'], 7, true, null].entries())
    await react(alice, key as never, `none${i}`, [400, 'M_BAD_JSON']);
  await react(alice, '👎', 'a3');
  await react(bob, '👍', 'b1');
  await alice.redact(room, first.event_id);
  await react(alice, '👍', 'a4');
  const inThread = await alice.send(room, text('dans le fil', relation('m.thread', root)));
  const nested = text('fil du fil', relation('m.thread', inThread));
  await alice.put(path`/v3/rooms/${room}/send/m.room.message/n1`, nested, { expect: 400 });
});

test('[R15] relations of a redacted parent stay; a redacted child leaves its parent', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const root = await alice.send(room, 'racine');
  const child = await alice.send(room, text('enfant', relation('m.reference', root)));
  await alice.redact(room, root);
  const related = async () =>
    (await alice.get(path`/v1/rooms/${room}/relations/${root}/m.reference`)).chunk.map(
      (e: Event) => e.event_id,
    );
  expect(await related()).toEqual([child]);
  await alice.redact(room, child);
  expect(await related()).toEqual([]);
});

test('[R21] relations: by kind and type, in pages, both ways, recursively', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const root = await alice.send(room, 'racine');
  const children: string[] = [];
  for (let i = 0; i < 5; i++) children.push(await alice.send(room, text(`${i}`, relation('m.thread', root))));
  const reaction = await alice.send(room, annotation(children[0], '👍'), 'm.reaction');
  const base = path`/v1/rooms/${room}/relations/${root}`;
  const ids = (page: Any) => page.chunk.map((e: Event) => e.event_id);
  expect(ids(await alice.get(base))).toEqual(children.toReversed());
  expect(ids(await alice.get(`${base}/m.thread`, { query: { dir: 'f' } }))).toEqual(children);
  expect(ids(await alice.get(`${base}/m.thread/m.room.message`))).toHaveLength(5);
  expect(ids(await alice.get(`${base}/m.thread/m.reaction`))).toEqual([]);
  const first = await alice.get(base, { query: { limit: 2 } });
  const second = await alice.get(base, { query: { limit: 2, from: first.next_batch } });
  const third = await alice.get(base, { query: { limit: 2, from: second.next_batch } });
  expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(children.toReversed());
  expect(third.next_batch).toBeUndefined();
  const deep = await alice.get(base, { query: { recurse: true } });
  expect(ids(deep)).toContain(reaction);
  expect(deep.recursion_depth).toBeGreaterThanOrEqual(2);
  await alice.get(base, { query: { from: 'rubbish' }, expect: 400 });
});

test('[R21] threads are listed latest first, all or those one took part in', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const [one, two] = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await alice.send(room, text('dans un', relation('m.thread', one)));
  await alice.send(room, text('dans deux', relation('m.thread', two)));
  await bob.send(room, text('encore un', relation('m.thread', one)));
  const list = async (user: User, query: Record<string, string> = {}) =>
    (await user.get(path`/v1/rooms/${room}/threads`, { query })).chunk.map((e: Event) => e.event_id);
  expect(await list(alice)).toEqual([one, two]);
  expect(await list(bob, { include: 'participated' })).toEqual([one]);
  const page = await alice.get(path`/v1/rooms/${room}/threads`, { query: { limit: 1 } });
  expect(page.chunk[0].unsigned['m.relations']['m.thread'].count).toBe(2);
  const next = await alice.get(path`/v1/rooms/${room}/threads`, {
    query: { limit: 1, from: page.next_batch },
  });
  expect(next.chunk[0].event_id).toBe(two);
});

test('polls and other unknown events are carried as they are', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const start = {
    'm.poll': {
      question: { 'm.text': [{ body: 'Oui ?' }] },
      answers: [{ 'm.id': 'o', 'm.text': [{ body: 'Oui' }] }],
    },
  };
  const poll = await alice.send(room, start, 'm.poll.start');
  await alice.send(room, { ...relation('m.reference', poll), 'm.selections': ['o'] }, 'm.poll.response');
  expect((await alice.event(room, poll)).content).toEqual(start);
  const { chunk } = await alice.get(path`/v1/rooms/${room}/relations/${poll}/m.reference/m.poll.response`);
  expect(chunk[0].content['m.selections']).toEqual(['o']);
});

test('power levels decide who may send what', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.setState(room, 'm.room.name', { name: 'x' }, '', { expect: [403, 'M_FORBIDDEN'] });
  await alice.powerLevels(room, (levels) => {
    levels.users = { ...levels.users, [bob.id]: 50 };
    levels.events = { ...levels.events, 'org.example.rare': 60 };
  });
  await bob.setState(room, 'm.room.name', { name: 'x' });
  await bob.put(path`/v3/rooms/${room}/send/org.example.rare/1`, {}, { expect: [403, 'M_FORBIDDEN'] });
  const levels = await bob.getState(room, 'm.room.power_levels');
  levels.users[bob.id] = 99;
  await bob.setState(room, 'm.room.power_levels', levels, '', { expect: [403, 'M_FORBIDDEN'] });
  await alice.setState(room, 'm.room.power_levels', { users: { [alice.id]: 100 } }, '', { expect: 'any' });
  await bob.setState(room, `@${bob.localpart}.key`, {}, alice.id, { expect: [403, 'M_FORBIDDEN'] });
});
