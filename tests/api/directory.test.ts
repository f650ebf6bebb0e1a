// SPDX-License-Identifier: EUPL-1.2
// Finding people: docs/design/directory.md, line by line.
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { newAddress, signUp } from './src/signup.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, timelineOf, User, unique } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });

const search = async (who: User, search_term: string, limit?: number): Promise<Any> =>
  who.post('/v3/user_directory/search', { search_term, limit });
const idsOf = (answer: Any): string[] => answer.results.map((r: Any) => r.user_id);
const find = async (who: User, term: string) => idsOf(await search(who, term, 50));

const letters = (n: number) => [...`${n}`].map((digit) => 'bcdfghjklm'[Number(digit)]).join('');
let drawn = 0;
/** A word of letters that no other test has. */
const word = (start: string) => `${start}${letters(process.pid)}q${letters(drawn++)}`;
const hide = (who: User, hide_profile: unknown) =>
  who.accountData('im.vector.hide_profile', { hide_profile });

test('[1.2] agents find each other by first name, last name, organisation, part of a word, in any order', async () => {
  const [first, last] = [word('jean'), word('lefevre')];
  const user = await signUp(t.server, `${first}-marc.de-${last}@interieur.example`);
  const other = await signUp(t.server, newAddress('other', 'culture.example'));
  for (const term of [
    first,
    first.toUpperCase(),
    last,
    last.slice(2),
    `${last} ${first}`,
    `${first}-marc`,
    `de ${last}`,
    `${last} interieur`,
    `INTÉRIEUR ${last.replace('e', 'é')}`,
    `j ${last}`,
    `${last} [Interieur]`,
  ])
    expect(await find(other, term), term).toEqual([user.id]);
  for (const term of [`${last} culture`, `${last}x`, `x ${last}`, `${last} ${last}${first}`])
    expect(await find(other, term), term).toEqual([]);
});

test('[1.2] a result says the organisation and whether the person is external', async () => {
  const name = word('resultat');
  const user = await signUp(t.server, `anne.${name}@education.example`);
  const { results, limited } = await search(user, name);
  expect(limited).toBe(false);
  expect(results).toEqual([
    {
      user_id: user.id,
      display_name: expect.stringMatching(/^Anne .* \[Education\]$/),
      'org.chappe.organisation': 'Éducation nationale',
      'org.chappe.external': false,
    },
  ]);
});

test('the beginning of a last name comes before that of a first name, and both before the inside of a word', async () => {
  const name = word('martin');
  const sign = async (local: string, domain = 'interieur.example') =>
    (await signUp(t.server, `${local}@${domain}`)).id;
  const inside = await sign(`paul.la${name}`);
  const first = await sign(`${name}e.petit`);
  const last = await sign(`paul.${name}ez`);
  const whole = await sign(`paul.${name}`);
  const elsewhere = await sign(`aaron.${name}ez`, 'culture.example');
  const reader = await signUp(t.server, newAddress('reader', 'culture.example'));
  expect(await find(reader, name)).toEqual([whole, elsewhere, last, first, inside]);
  const few = await search(reader, name, 2);
  expect([idsOf(few), few.limited]).toEqual([[whole, elsewhere], true]);
});

test('of equals, who shares a small room with the caller comes first', async () => {
  const name = word('voisin');
  const one = await signUp(t.server, `a.${name}@interieur.example`);
  const two = await signUp(t.server, `b.${name}@interieur.example`);
  const reader = await signUp(t.server, newAddress('reader', 'culture.example'));
  expect(await find(reader, name)).toEqual([one.id, two.id]);
  await reader.roomWith([two]);
  expect(await find(reader, name)).toEqual([two.id, one.id]);
});

test('[ACL-07] wildcards are text, one letter finds nobody, and the search is bounded', async () => {
  const name = word('joker');
  const user = await signUp(t.server, `anne.${name}@interieur.example`);
  for (const term of [
    '%',
    '_',
    '*',
    '%%',
    '__',
    'a*',
    'a',
    ' a ',
    'a a',
    'é',
    '',
    '.',
    `${name.slice(0, 3)}*`,
  ])
    expect(await search(user, term), term).toEqual({ results: [], limited: false });
  expect(await find(user, `${name} ${'anne '.repeat(30)}`)).toEqual([user.id]);
  await user.post(
    '/v3/user_directory/search',
    { search_term: 'a'.repeat(256) },
    { expect: [400, 'M_INVALID_PARAM'] },
  );
});

test('[1.2] [ACL-07] whoever is on the red list is found only by the full address', async () => {
  const name = word('discret');
  const address = `anne.${name}@interieur.example`;
  const user = await signUp(t.server, address);
  const other = await signUp(t.server, newAddress('other'));
  await other.roomWith([user]);
  expect(await find(other, name)).toEqual([user.id]);
  expect(await find(other, user.id)).toEqual([user.id]);
  await hide(user, true);
  for (const term of [name, user.id, `anne ${name}`, `${name}@interieur.example`, address.slice(1)])
    expect(await find(other, term), term).toEqual([]);
  expect(await find(other, address)).toEqual([user.id]);
  expect(await find(other, ` ${address.toUpperCase()} `)).toEqual([user.id]);
  // Only its owner sets it, and for the whole account.
  await other.put(
    path`/v3/user/${user.id}/account_data/im.vector.hide_profile`,
    { hide_profile: false },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  await hide(user, 'yes');
  expect(await find(other, name)).toEqual([user.id]);
  await hide(user, true);
  await hide(user, false);
  expect(await find(other, name)).toEqual([user.id]);
});

test('a closed account is absent, also by its address', async () => {
  const name = word('parti');
  const address = `anne.${name}@interieur.example`;
  const user = await signUp(t.server, address);
  const other = await signUp(t.server, newAddress('other'));
  expect(await find(other, name)).toEqual([user.id]);
  await user.withPassword('POST', '/v3/account/deactivate', {});
  for (const term of [name, user.id, address]) expect(await find(other, term), term).toEqual([]);
});

test('name and organisation follow the address, in the directory as elsewhere', async () => {
  const [old, next] = [word('avant'), word('apres')];
  const user = await signUp(t.server, `anne.${old}@interieur.example`);
  const other = await signUp(t.server, newAddress('other'));
  const room = await other.roomWith([user]);
  await t.server.command('user', 'email', user.localpart, `anne.${next}@culture.example`);
  expect(await find(other, old)).toEqual([]);
  expect(await find(other, `${next} culture`)).toEqual([user.id]);
  const moved = (s: Any) =>
    [...timelineOf(s, room), ...(s.rooms?.join?.[room]?.state?.events ?? [])].some(
      (e: Any) => e.state_key === user.id && e.content['org.chappe.organisation'] === 'Culture',
    );
  await other.syncUntil(moved);
});

test('a restart forgets nobody', async () => {
  const name = word('reste');
  const user = await signUp(t.server, `anne.${name}@interieur.example`);
  await t.server.restart();
  for (;;) {
    const answer = await search(user, name);
    if (!answer.limited || answer.results.length) {
      expect(idsOf(answer)).toEqual([user.id]);
      break;
    }
  }
});

test('organisation and external mark are in profiles and member lists, and nobody chooses them', async () => {
  const user = await signUp(t.server, newAddress('membre', 'education.example'));
  const other = await signUp(t.server, newAddress('other'));
  const profile = await other.get(path`/v3/profile/${user.id}`);
  expect(profile).toMatchObject({
    'org.chappe.organisation': 'Éducation nationale',
    'org.chappe.external': false,
  });
  await user.put(
    path`/v3/profile/${user.id}/org.chappe.organisation`,
    { 'org.chappe.organisation': 'Élysée' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  const room = await other.roomWith([user]);
  const organisation = async () => {
    const { chunk } = await other.get(path`/v3/rooms/${room}/members`);
    const member = chunk.find((e: Any) => e.state_key === user.id);
    return [member.content['org.chappe.organisation'], member.content['org.chappe.external']];
  };
  expect(await organisation()).toEqual(['Éducation nationale', undefined]);
  await user.setState(
    room,
    'm.room.member',
    {
      membership: 'join',
      displayname: profile.displayname,
      'org.chappe.organisation': 'Élysée',
      'org.chappe.external': true,
    },
    user.id,
  );
  expect(await organisation()).toEqual(['Éducation nationale', undefined]);
});

test('[1.3] an external is marked as such in the directory, in profiles and in member lists', async () => {
  const name = unique('partenaire');
  const file = `${t.server.dataDir}/password`;
  await writeFile(file, `${PASSWORD}\n`);
  await t.server.command(
    'user',
    'add',
    name,
    '--password-file',
    file,
    '--email',
    `anne.${name}@partner.example`,
  );
  const login = await t.api.call('POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.password', identifier: { type: 'm.id.user', user: name }, password: PASSWORD },
  });
  const external = new User(t.api, login.body);
  const agent = await signUp(t.server, newAddress('agent'));
  const marks = { 'org.chappe.external': true, 'org.chappe.organisation': 'Partner' };
  expect(await agent.get(path`/v3/profile/${external.id}`)).toMatchObject(marks);
  expect((await search(agent, name)).results).toMatchObject([{ user_id: external.id, ...marks }]);
  const room = await agent.roomWith([external], {
    initial_state: [
      { type: 'im.vector.room.access_rules', state_key: '', content: { rule: 'unrestricted' } },
    ],
  });
  const { chunk } = await agent.get(path`/v3/rooms/${room}/members`);
  expect(chunk.find((e: Any) => e.state_key === external.id).content).toMatchObject(marks);
  // Not by leaving it out either.
  await external.setState(room, 'm.room.member', { membership: 'join' }, external.id);
  expect(await agent.getState(room, 'm.room.member', external.id)).toMatchObject(marks);
});

test('a name of many is found whole after many changes at once', async () => {
  const name = word('foule');
  const users = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      signUp(t.server, `${unique('p')}.${name}${'abcdefghijkl'[i]}@culture.example`),
    ),
  );
  const found = await search(users[0], name, 50);
  expect(idsOf(found).toSorted()).toEqual(users.map((u) => u.id).toSorted());
});

const rooms = async (who: User, filter: object, extra: object = {}): Promise<Any> =>
  who.post('/v3/publicRooms', { filter, ...extra });
const roomsOf = (answer: Any): string[] => answer.chunk.map((r: Any) => r.room_id);
const THEME = 'org.chappe.room.theme';
const listed = { preset: 'public_chat', visibility: 'public' };

test('[1.4] forums are found by name, topic and theme, accents and case and order indifferent', async () => {
  const user = await signUp(t.server, newAddress('forum'));
  const name = word('atelier');
  const room = await user.createRoom({ ...listed, name: `Élan ${name}`, topic: 'Les œuvres du Trésor' });
  await user.setState(room, THEME, { theme: 'cybersécurité' });
  for (const term of [
    name,
    `${name} ELAN`,
    `oeuvres ${name}`,
    `tresor ${name.slice(2)}`,
    `${name} cybersecurite`,
    `CYBERSÉCURITÉ ${name}`,
  ])
    expect(roomsOf(await rooms(user, { generic_search_term: term })), term).toEqual([room]);
  for (const term of [`${name} emploi`, `${name}%`, `%${name}`, `${name}*`])
    expect(roomsOf(await rooms(user, { generic_search_term: term })), term).toEqual([]);
  const { chunk } = await rooms(user, { generic_search_term: name, [THEME]: 'cybersécurité' });
  expect(chunk[0]).toMatchObject({ room_id: room, [THEME]: 'cybersécurité' });
  expect(roomsOf(await rooms(user, { generic_search_term: name, [THEME]: 'emploi public' }))).toEqual([]);
  await user.post('/v3/publicRooms', { filter: { [THEME]: 7 } }, { expect: [400, 'M_BAD_JSON'] });
});

test('a theme is one of the operator’s list, or none', async () => {
  const user = await signUp(t.server, newAddress('theme'));
  const { capabilities } = await user.get('/v3/capabilities');
  const { themes } = capabilities['org.chappe.room_themes'];
  for (const theme of ['innovation publique', 'cybersécurité', 'emploi public', 'communautés'])
    expect(themes).toContain(theme);
  const name = word('libre');
  const room = await user.createRoom({
    ...listed,
    name,
    initial_state: [{ type: THEME, state_key: '', content: { theme: 'pêche à la ligne' } }],
  });
  const shown = async () => (await rooms(user, { generic_search_term: name })).chunk[0][THEME];
  expect(await shown()).toBeUndefined();
  for (const theme of ['pêche', '', 7, null])
    await user.setState(room, THEME, { theme }, '', { expect: [400, 'M_INVALID_PARAM'] });
  await user.setState(room, THEME, { theme: 'communautés' });
  expect(await shown()).toBe('communautés');
  await user.setState(room, THEME, {});
  expect(await shown()).toBeUndefined();
});

test('pages of the room directory go from the largest room down, as members come and go', async () => {
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => signUp(t.server, newAddress(name))),
  );
  const name = word('page');
  const made: string[] = [];
  for (let i = 0; i < 4; i++) made.push(await alice.createRoom({ ...listed, name: `${name} ${i}` }));
  const pages = async () => {
    const found: string[] = [];
    for (let since: string | undefined, i = 0; i < 10; i++) {
      const page = await rooms(alice, { generic_search_term: name }, { limit: 1, since });
      found.push(...roomsOf(page));
      since = page.next_batch;
      if (!since) break;
    }
    return found;
  };
  await bob.join(made[2]);
  await carol.join(made[2]);
  await bob.join(made[3]);
  expect((await pages()).slice(0, 2)).toEqual([made[2], made[3]]);
  expect((await pages()).toSorted()).toEqual(made.toSorted());
  await bob.leave(made[2]);
  await carol.leave(made[2]);
  await carol.join(made[0]);
  expect((await pages()).slice(0, 2).toSorted()).toEqual([made[0], made[3]].toSorted());
});
