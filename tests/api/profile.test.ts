// SPDX-License-Identifier: EUPL-1.2
// Profiles: name and avatar, and the rooms that follow them.

import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { stage } from './src/stage.ts';
import type { Event } from './src/user.ts';

const t = stage();

test('name and avatar are set, shown, taken away, and nobody else sets them', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const at = (field: string) => path`/v3/profile/${alice.id}/${field}`;
  await alice.put(at('displayname'), { displayname: 'Alice Dupré' });
  await alice.put(at('avatar_url'), { avatar_url: 'mxc://localhost/abcDEF' });
  expect(await bob.get(path`/v3/profile/${alice.id}`)).toEqual({
    displayname: 'Alice Dupré',
    avatar_url: 'mxc://localhost/abcDEF',
  });
  expect(await bob.get(at('avatar_url'))).toEqual({ avatar_url: 'mxc://localhost/abcDEF' });
  await bob.put(at('displayname'), { displayname: 'Le ministre' }, { expect: [403, 'M_FORBIDDEN'] });
  await alice.put(at('avatar_url'), { avatar_url: 'https://evil.example/x' }, { expect: 400 });
  await alice.put(at('displayname'), { displayname: 'x'.repeat(256) }, { expect: 400 });
  await alice.call('DELETE', at('displayname'));
  await alice.call('DELETE', at('avatar_url'));
  expect(await bob.get(path`/v3/profile/${alice.id}`)).toEqual({});
  await bob.get(path`/v3/profile/${'@nobody-at-all:localhost'}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('a change of name reaches the rooms', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.sync();
  await alice.put(path`/v3/profile/${alice.id}/displayname`, { displayname: 'Alice au bureau' });
  const said = (s: { rooms?: { join?: Record<string, { timeline: { events: Event[] } }> } }) =>
    (s.rooms?.join?.[room]?.timeline.events ?? []).some(
      (e) => e.type === 'm.room.member' && e.content.displayname === 'Alice au bureau',
    );
  await bob.syncUntil(said);
});
