// SPDX-License-Identifier: EUPL-1.2
// Spaces as somebody who might join is shown them; the directory's filters and pages.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { type User, unique } from './src/user.ts';

const t = stage();

const space = (user: User, extra: object = {}) =>
  user.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' }, ...extra });
const put = (user: User, parent: string, child: string, content: object = {}) =>
  user.setState(parent, 'm.space.child', { via: ['localhost'], ...content }, child);
const walk = async (user: User, room: string, query: Record<string, Any> = {}): Promise<string[]> =>
  (await user.get(path`/v1/rooms/${room}/hierarchy`, { query })).rooms.map((r: Any) => r.room_id);

test('[R20] children come by order, then time; depth first; each once; not those taken out', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [root, inner] = [await space(alice), await space(alice)];
  const rooms: string[] = [];
  for (let i = 0; i < 4; i++) rooms.push(await alice.createRoom({ preset: 'public_chat' }));
  const [one, two, three, gone] = rooms as [string, string, string, string];
  await put(alice, root, one);
  await put(alice, root, inner, { order: 'b' });
  await put(alice, root, two, { order: 'a', suggested: true });
  await put(alice, root, gone);
  await alice.setState(root, 'm.space.child', {}, gone);
  await put(alice, inner, three);
  await put(alice, inner, root);
  await put(alice, inner, two);
  expect(await walk(bob, root)).toEqual([root, two, inner, three, one]);
  expect(await walk(bob, root, { suggested_only: true })).toEqual([root, two]);
  expect(await walk(bob, root, { max_depth: 1 })).toEqual([root, two, inner, one]);
  const seen: string[] = [];
  let from: string | undefined;
  do {
    const page = await bob.get(path`/v1/rooms/${root}/hierarchy`, { query: { limit: 2, from } });
    seen.push(...page.rooms.map((r: Any) => r.room_id));
    from = page.next_batch;
  } while (from !== undefined);
  expect(seen).toEqual([root, two, inner, three, one]);
  await bob.get(path`/v1/rooms/${root}/hierarchy`, { query: { from: 'x' }, expect: 400 });
  await bob.get(path`/v1/rooms/${root}/hierarchy`, { query: { limit: 0 }, expect: 400 });
});

test('[R20] [ACL-04] a private room in a public space is told to its members only', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const root = await space(alice);
  const secret = await alice.createRoom({ name: 'Secret' });
  const content = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] };
  const club = await alice.createRoom({ initial_state: [{ type: 'm.room.join_rules', content }] });
  await put(alice, root, secret);
  await put(alice, root, club);
  expect(await walk(alice, root)).toEqual([root, secret, club]);
  expect(await walk(bob, root)).toEqual([root]);
  await bob.get(path`/v1/room_summary/${club}`, { expect: [404, 'M_NOT_FOUND'] });
  await bob.join(root);
  expect(await walk(bob, root)).toEqual([root, club]);
  const summary = await bob.get(path`/v1/room_summary/${club}`);
  expect(summary).toMatchObject({ join_rule: 'restricted', allowed_room_ids: [root] });
});

test('[R20] the directory is searched literally and by type, and read in pages', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = unique('Étage');
  const open = { preset: 'public_chat', visibility: 'public' };
  const names = [`${word} 100%`, `${word} deux`, `${word} trois`];
  const rooms: string[] = [];
  for (const name of names) rooms.push(await alice.createRoom({ ...open, name }));
  const parent = await space(alice, { visibility: 'public', name: `${word} espace` });
  await bob.join(rooms[2] as string);
  const search = async (term: string, extra: object = {}): Promise<Any> =>
    bob.post('/v3/publicRooms', { filter: { generic_search_term: term, ...extra } });
  const ids = (page: Any) => page.chunk.map((r: Any) => r.room_id);
  expect(ids(await search(word.replace('É', 'é').toLowerCase())).sort()).toEqual([...rooms, parent].sort());
  expect(ids(await search('100%'))).toEqual([rooms[0]]);
  expect(ids(await search(`${word}%`))).toEqual([]);
  expect(ids(await search(word, { room_types: ['m.space'] }))).toEqual([parent]);
  expect(ids(await search(word, { room_types: [null] })).sort()).toEqual([...rooms].sort());
  const seen: string[] = [];
  let since: string | undefined;
  do {
    const page = await bob.post('/v3/publicRooms', {
      limit: 1,
      since,
      filter: { generic_search_term: word },
    });
    seen.push(...ids(page));
    since = page.next_batch;
  } while (since !== undefined);
  expect(seen[0]).toBe(rooms[2]);
  expect(seen.toSorted()).toEqual([...rooms, parent].sort());
  expect(ids(await bob.get('/v3/publicRooms'))).toContain(parent);
  await bob.post('/v3/publicRooms', { since: 'x' }, { expect: 400 });
  await bob.put(path`/v3/directory/list/room/${parent}`, { visibility: 'private' }, { expect: 403 });
  await alice.put(path`/v3/directory/list/room/${parent}`, { visibility: 'private' });
  expect(ids(await search(word, { room_types: ['m.space'] }))).toEqual([]);
  await bob.get(path`/v3/directory/list/room/${parent}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('a room that is listed later stands in the directory where its members put it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const word = unique('rang');
  const names = (page: Any) => page.chunk.map((r: Any) => r.room_id);
  const first = await alice.createRoom({ preset: 'public_chat', visibility: 'public', name: word });
  const late = await alice.createRoom({ preset: 'public_chat', name: `${word} late` });
  await bob.join(late);
  const search = () => alice.post('/v3/publicRooms', { filter: { generic_search_term: word } });
  expect(names(await search())).toEqual([first]);
  await alice.put(path`/v3/directory/list/room/${late}`, { visibility: 'public' });
  expect(names(await search())).toEqual([late, first]);
  await bob.leave(late);
  await bob.join(first);
  expect(names(await search())).toEqual([first, late]);
});
