// SPDX-License-Identifier: EUPL-1.2
// Searching messages, names and topics: what is found, by whom, in which order, and what is not.
import { expect, test } from 'vitest';
import type { CallOptions } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { type User, unique } from './src/user.ts';

const t = stage();

/** A word that is no form of another: no letter at its end is cut as an ending. */
const newWord = (prefix: string) => `${unique(prefix)}0`;

interface Found {
  count: number;
  highlights: string[];
  results: Any[];
  next_batch?: string;
  groups?: Any;
  state?: Any;
}

async function search(
  user: User,
  term: string,
  more: object = {},
  options: CallOptions = {},
): Promise<Found> {
  const body = { search_categories: { room_events: { search_term: term, order_by: 'recent', ...more } } };
  return (await user.post('/v3/search', body, options)).search_categories?.room_events;
}

const bodies = (found: Found): string[] => found.results.map((r) => r.result.content.body);
const ids = (found: Found): string[] => found.results.map((r) => r.result.event_id);

test('what was just said is found, accents, case and plural aside, with its words as they stand', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  await alice.send(room, 'Rendez-vous à l’École, demain');
  await alice.send(room, 'Les écoles sont fermées');
  await alice.send(room, 'rien de tel');
  const found = await search(alice, 'ECOLE');
  expect(bodies(found)).toEqual(['Les écoles sont fermées', 'Rendez-vous à l’École, demain']);
  expect(found.count).toBe(2);
  expect(found.highlights.sort()).toEqual(['École', 'écoles']);
  expect(found.next_batch).toBeUndefined();
  expect(bodies(await search(alice, 'école demain'))).toEqual(['Rendez-vous à l’École, demain']);
  expect((await search(alice, 'école absent')).results).toEqual([]);
  expect((await search(alice, '!?')).count).toBe(0);
  expect(await alice.post('/v3/search', { search_categories: {} })).toEqual({ search_categories: {} });
});

test('people who write and search at once each find what they have just said', async () => {
  const one = async (user: User, i: number) => {
    const room = await user.createRoom();
    for (let k = 0; k < 8; k++) {
      const word = newWord(`dit${i}`);
      await user.send(room, word);
      expect((await search(user, word)).count).toBe(1);
    }
  };
  await Promise.all((await t.users('a', 'b', 'c', 'd')).map(one));
});

test('a phrase is found as it stands, in any of its forms, and nowhere else', async () => {
  const alice = await t.user();
  const room = await alice.createRoom({ topic: 'La salle du conseil' });
  await alice.send(room, 'Du conseil à la salle');
  await alice.send(room, 'On se voit en salle du Conseil, à midi');
  await alice.send(room, 'Les salles du conseil sont fermées');
  const edited = await alice.send(room, 'la salle du conseil');
  await alice.send(room, {
    msgtype: 'm.text',
    body: '* conseil, salle du',
    'm.new_content': { msgtype: 'm.text', body: 'conseil, salle du' },
    'm.relates_to': { rel_type: 'm.replace', event_id: edited },
  });
  const wanted = ['Les salles du conseil sont fermées', 'On se voit en salle du Conseil, à midi'];
  const only = { keys: ['content.body'] };
  for (const term of ['"salle du conseil"', '« Salles du conseil »', '“SALLE DU CONSEIL”']) {
    const found = await search(alice, term, only);
    expect(bodies(found), term).toEqual(wanted);
    expect(found.count).toBe(2);
  }
  expect((await search(alice, '"salle du conseil"')).results).toHaveLength(3);
  // Beside other words, and other phrases.
  expect(bodies(await search(alice, '"du conseil" midi'))).toEqual(wanted.slice(1));
  expect(bodies(await search(alice, '"en salle" "à midi"'))).toEqual(wanted.slice(1));
  expect(bodies(await search(alice, '"midi à"'))).toEqual([]);
  // Without quotes, or with one that nothing closes, in any order.
  for (const term of ['salle du conseil', '"salle du conseil'])
    expect((await search(alice, term)).results, term).toHaveLength(5);
  const ranked = await search(alice, '"salle du conseil"', { order_by: 'rank', ...only });
  expect(bodies(ranked).sort()).toEqual(wanted);
  await search(alice, '"a b" '.repeat(20), {}, { expect: [400, 'M_INVALID_PARAM'] });
});

test('names and topics are found, by their keys', async () => {
  const alice = await t.user();
  const word = newWord('mot');
  const room = await alice.createRoom({ name: `Salle ${word}`, topic: `Sujet ${word}` });
  await alice.send(room, `corps ${word}`);
  const types = (found: Found) => found.results.map((r) => r.result.type);
  expect(types(await search(alice, word))).toEqual(['m.room.message', 'm.room.topic', 'm.room.name']);
  expect(types(await search(alice, word, { keys: ['content.name'] }))).toEqual(['m.room.name']);
  expect(types(await search(alice, word, { keys: ['content.topic', 'content.body'] }))).toEqual([
    'm.room.message',
    'm.room.topic',
  ]);
  await search(alice, word, { keys: ['content.secret'] }, { expect: [400, 'M_INVALID_PARAM'] });
});

test('the best come first, or the newest', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  await alice.send(room, 'budget budget budget');
  await alice.send(room, 'une longue phrase où le budget est cité une fois parmi bien d’autres choses');
  await alice.send(room, 'le budget');
  const best = await search(alice, 'budget', { order_by: 'rank' });
  expect(bodies(best)[0]).toBe('budget budget budget');
  expect(bodies(best)[2]).toMatch(/^une longue phrase/);
  const ranks = best.results.map((r) => r.rank);
  expect(ranks).toEqual(ranks.toSorted((a: number, b: number) => b - a));
  expect(bodies(await search(alice, 'budget'))[0]).toBe('le budget');
  const byDefault = await alice.post('/v3/search', {
    search_categories: { room_events: { search_term: 'budget' } },
  });
  expect(byDefault.search_categories.room_events.results[0].result.content.body).toBe('budget budget budget');
  await search(alice, 'budget', { order_by: 'size' }, { expect: [400, 'M_INVALID_PARAM'] });
});

test('[H08] pages follow one another in both orders, without a gap or a double', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const sent: string[] = [];
  for (let i = 0; i < 23; i++) sent.push(await alice.send(room, `dossier ${'x '.repeat(i)}`));
  for (const order_by of ['recent', 'rank']) {
    const seen: string[] = [];
    let next_batch: string | undefined;
    do {
      const found = await search(
        alice,
        'dossier',
        { order_by, filter: { limit: 5 } },
        { query: { next_batch } },
      );
      expect(found.count).toBe(23);
      expect(found.results.length).toBeLessThanOrEqual(5);
      seen.push(...ids(found));
      next_batch = found.next_batch;
    } while (next_batch);
    expect(seen.toSorted()).toEqual(sent.toSorted());
    if (order_by === 'recent') expect(seen).toEqual(sent.toReversed());
  }
});

test('filters: rooms, senders, limit, and what they leave out', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = newWord('filtre');
  const one = await alice.roomWith([bob]);
  const two = await alice.roomWith([bob]);
  await alice.send(one, `${word} alice un`);
  await bob.send(one, `${word} bob un`);
  await alice.send(two, `${word} alice deux`);
  const texts = async (filter: object) => bodies(await search(alice, word, { filter }));
  expect(await texts({})).toHaveLength(3);
  expect(await texts({ rooms: [one] })).toEqual([`${word} bob un`, `${word} alice un`]);
  expect(await texts({ not_rooms: [one] })).toEqual([`${word} alice deux`]);
  expect(await texts({ senders: [bob.id] })).toEqual([`${word} bob un`]);
  expect(await texts({ not_senders: [alice.id] })).toEqual([`${word} bob un`]);
  expect(await texts({ senders: ['@nobody:nowhere.example'] })).toEqual([]);
  expect(await texts({ rooms: ['!nowhere:nowhere.example'] })).toEqual([]);
  expect(await texts({ types: ['m.room.name'] })).toEqual([]);
  expect(await texts({ limit: 1 })).toEqual([`${word} alice deux`]);
});

test('groups by room and by sender, each with its own pages', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = newWord('groupe');
  const one = await alice.roomWith([bob]);
  const two = await alice.roomWith([bob]);
  for (let i = 0; i < 4; i++) {
    await alice.send(one, `${word} a ${i}`);
    await bob.send(two, `${word} b ${i}`);
  }
  for (const order_by of ['recent', 'rank']) {
    const more = {
      order_by,
      groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] },
      filter: { limit: 4 },
    };
    const found = await search(alice, word, more);
    expect(Object.keys(found.groups.sender).toSorted()).toEqual([alice.id, bob.id].toSorted());
    const group = found.groups.room_id[one];
    const inGroup = found.results.filter((r) => r.result.room_id === one).map((r) => r.result.event_id);
    expect(group.results).toEqual(inGroup);
    const rest = await search(alice, word, more, { query: { next_batch: group.next_batch } });
    expect(rest.results.every((r) => r.result.room_id === one)).toBe(true);
    expect(new Set([...inGroup, ...ids(rest)]).size).toBe(4);
    const whose = found.groups.sender[bob.id];
    const others = await search(alice, word, more, { query: { next_batch: whose.next_batch } });
    expect(others.results.every((r) => r.result.sender === bob.id)).toBe(true);
  }
  const wrong = { groupings: { group_by: [{ key: 'colour' }] } };
  await search(alice, word, wrong, { expect: [400, 'M_INVALID_PARAM'] });
});

test('context, profiles and state come when they are asked for', async () => {
  const alice = await t.user();
  await alice.put(`/v3/profile/${encodeURIComponent(alice.id)}/displayname`, { displayname: 'Alice D.' });
  const room = await alice.createRoom({ name: 'Le bureau' });
  for (let i = 0; i < 5; i++) await alice.send(room, `avant ${i}`);
  await alice.send(room, 'cible');
  for (let i = 0; i < 5; i++) await alice.send(room, `apres ${i}`);
  const event_context = { before_limit: 2, after_limit: 1, include_profile: true };
  const found = await search(alice, 'cible', { event_context, include_state: true });
  const { context } = found.results[0];
  expect(context.events_before.map((e: Any) => e.content.body)).toEqual(['avant 4', 'avant 3']);
  expect(context.events_after.map((e: Any) => e.content.body)).toEqual(['apres 0']);
  expect(context.profile_info[alice.id].displayname).toBe('Alice D.');
  const older = await alice.messages(room, { from: context.start, limit: 1 });
  expect(older.chunk[0].content.body).toBe('avant 2');
  const state = found.state[room];
  expect(state.find((e: Any) => e.type === 'm.room.name').content.name).toBe('Le bureau');
  const plain = await search(alice, 'cible');
  expect(plain.results[0].context).toBeUndefined();
  expect(plain.state).toBeUndefined();
});

test('of the members the state holds those whose words are shown', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = unique('membres');
  const room = await alice.roomWith([bob], { name: 'Le bureau' });
  await bob.send(room, word);
  const { state } = await search(alice, word, { include_state: true });
  const keys = (type: string) =>
    state?.[room].filter((e: Any) => e.type === type).map((e: Any) => e.state_key);
  expect(keys('m.room.member')).toEqual([bob.id]);
  expect(keys('m.room.name')).toEqual(['']);
});

test('[ACL-02] [ACL-03] what one may not read is not found, and not counted', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const word = newWord('secret');
  const room = await alice.roomWith([carol], {
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    ],
  });
  await alice.send(room, `${word} avant`);
  await alice.invite(room, bob.id);
  expect((await search(bob, word)).count).toBe(0);
  await bob.join(room);
  await alice.send(room, `${word} pendant`);
  const now = await search(bob, word);
  expect(bodies(now)).toEqual([`${word} pendant`]);
  expect(now.count).toBe(1);
  await alice.kick(room, bob.id);
  await alice.send(room, `${word} apres`);
  expect(bodies(await search(bob, word))).toEqual([`${word} pendant`]);
  expect(bodies(await search(carol, word))).toHaveLength(3);
  const stranger = await t.user();
  expect((await search(stranger, word, { filter: { rooms: [room] } })).count).toBe(0);
  await bob.post(`/v3/rooms/${encodeURIComponent(room)}/forget`);
  expect((await search(bob, word)).count).toBe(0);
});

test('[ACL-02] who was invited and never joined finds nothing, also after declining', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = newWord('invite');
  const visibility = { history_visibility: 'invited' };
  const room = await alice.createRoom({
    invite: [bob.id],
    initial_state: [{ type: 'm.room.history_visibility', state_key: '', content: visibility }],
  });
  await alice.send(room, word);
  expect((await search(bob, word)).count).toBe(0);
  await bob.leave(room);
  expect((await search(bob, word)).count).toBe(0);
  expect((await search(alice, word)).count).toBe(1);
});

test('[ACL-02] nor who was withdrawn, or banned before joining, and no state comes with it', async () => {
  const [alice, bob, carol, dave] = await t.users('alice', 'bob', 'carol', 'dave');
  const word = unique('retire');
  const room = await alice.createRoom({
    name: word,
    invite: [bob.id, carol.id],
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'invited' } },
    ],
  });
  await alice.send(room, word);
  await alice.kick(room, bob.id);
  await alice.ban(room, carol.id);
  await alice.ban(room, dave.id);
  for (const outsider of [bob, carol, dave]) {
    const found = await search(outsider, word, { include_state: true });
    expect(found.count).toBe(0);
    expect(found.state).toEqual({});
    expect(found.highlights).toEqual([]);
  }
  expect((await search(alice, word)).count).toBe(2);
});

test('[ACL-11] what is redacted is not found', async () => {
  const alice = await t.user();
  const word = newWord('efface');
  const room = await alice.createRoom();
  const event = await alice.send(room, word);
  expect(ids(await search(alice, word))).toEqual([event]);
  await alice.redact(room, event);
  expect((await search(alice, word)).count).toBe(0);
});

test('[ACL-11] a message that was edited and then redacted is not found by its edit', async () => {
  const alice = await t.user();
  const word = unique('corrige');
  const room = await alice.createRoom();
  const event = await alice.send(room, 'avant');
  await alice.send(room, {
    msgtype: 'm.text',
    body: `* ${word}`,
    'm.new_content': { msgtype: 'm.text', body: word },
    'm.relates_to': { rel_type: 'm.replace', event_id: event },
  });
  expect(ids(await search(alice, word))).toEqual([event]);
  await alice.redact(room, event);
  const found = await search(alice, word);
  expect([found.count, found.results, found.highlights]).toEqual([0, [], []]);
});

test('[R13] a message that was edited is found by its last text alone', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [first, second, third] = [newWord('ancien'), newWord('milieu'), newWord('nouveau')];
  const room = await alice.roomWith([bob]);
  const event = await alice.send(room, first);
  const edit = (user: User, body: string) =>
    user.send(room, {
      msgtype: 'm.text',
      body: `* ${body}`,
      'm.new_content': { msgtype: 'm.text', body },
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    });
  await edit(alice, second);
  const last = await edit(alice, third);
  await edit(bob, newWord('intrus'));
  expect((await search(alice, first)).results).toEqual([]);
  expect((await search(alice, second)).results).toEqual([]);
  const found = await search(bob, third);
  expect(ids(found)).toEqual([event]);
  expect(found.results[0].result.content.body).toBe(first);
  expect(found.results[0].result.unsigned['m.relations']['m.replace'].event_id).toBe(last);
  expect((await search(alice, 'intrus')).results).toEqual([]);
  await alice.redact(room, last);
  expect((await search(alice, third)).results).toEqual([]);
  expect(ids(await search(alice, second))).toEqual([event]);
});

test('[R10] who is ignored is not found', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = newWord('bruit');
  const room = await alice.roomWith([bob]);
  await bob.send(room, word);
  expect((await search(alice, word)).count).toBe(1);
  await alice.accountData('m.ignored_user_list', { ignored_users: { [bob.id]: {} } });
  expect((await search(alice, word)).count).toBe(0);
});

test('[E2E-09] rooms that are encrypted are not searched, not even their names', async () => {
  const alice = await t.user();
  const word = newWord('chiffre');
  const room = await alice.createRoom({ name: word });
  await alice.send(room, word);
  expect((await search(alice, word)).count).toBe(2);
  await alice.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
  await alice.send(room, { algorithm: 'm.megolm.v1.aes-sha2', body: word }, 'm.room.encrypted');
  expect((await search(alice, word)).count).toBe(0);
});

test('a room brings the one that it replaces with it', async () => {
  const alice = await t.user();
  const word = newWord('heritage');
  const old = await alice.createRoom({ room_version: '11' });
  await alice.send(old, word);
  const { replacement_room } = await alice.post(`/v3/rooms/${encodeURIComponent(old)}/upgrade`, {
    new_version: '12',
  });
  const found = await search(alice, word, { filter: { rooms: [replacement_room] } });
  expect(found.results.map((r) => r.result.room_id)).toEqual([old]);
});

test('hostile terms: operators, wildcards, thousands of words, signs of the index', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  await alice.send(room, 'alpha beta');
  const none = [
    'alpha OR gamma',
    'alpha" OR "gamma',
    "alpha' | 'gamma",
    'words:alpha',
    'alph*',
    '%',
    '_',
    'NEAR(alpha gamma)',
    'k_1',
    'r_1 s_1',
    '\u0000',
    "'); DROP TABLE search; --",
    'alpha <-> gamma:*A',
  ];
  for (const term of none) expect((await search(alice, term)).results, term).toEqual([]);
  for (const term of ['"alpha"', "alpha & 'beta'", 'alpha:*', '(alpha)', 'alpha\u0000beta', '-alpha'])
    expect((await search(alice, term)).results, term).toHaveLength(1);
  const many = Array.from({ length: 10_000 }, (_, i) => `mot${i}`).join(' ');
  await search(alice, many, {}, { expect: [400, 'M_INVALID_PARAM'] });
  const few = Array.from({ length: 33 }, (_, i) => `m${i}`).join(' ');
  await search(alice, few, {}, { expect: [400, 'M_INVALID_PARAM'] });
  expect((await search(alice, 'alpha '.repeat(500))).results).toHaveLength(1);
  await search(alice, 'a'.repeat(5000), {}, { expect: [400, 'M_INVALID_PARAM'] });
});

test('[ID-07] tokens that are none of ours are refused', async () => {
  const alice = await t.user();
  const of = (next_batch: string, more: object = {}) =>
    search(alice, 'x', more, { query: { next_batch }, expect: [400, 'M_INVALID_PARAM'] });
  for (const token of ['', 'x', 'r', 'r-1_0', 'r01_0', 'r1', 'r1_0_', 'r1_0_x5', 's1_2_3', 'k1_2'])
    await of(token);
  await of(`r5_${2n ** 63n - 1n}`);
  await of('r1_0', { order_by: 'rank' });
  // Another room's group is no right to it.
  await search(alice, 'x', {}, { query: { next_batch: 'r9000_0_r1' } });
  await alice.post('/v3/search', {}, { expect: 400 });
  await alice.post('/v3/search', { search_categories: { room_events: {} } }, { expect: 400 });
});
