// SPDX-License-Identifier: EUPL-1.2
// What somebody without the right, or with bad intent, tries on rooms.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { stage } from './src/stage.ts';

const t = stage();

test('a chain of redactions is read without being a chain of events', async () => {
  const [alice] = await t.users('alice');
  const room = await alice.createRoom();
  const first = await alice.send(room, 'zéro');
  let last = first;
  for (let i = 0; i < 80; i++)
    last = (await alice.put(path`/v3/rooms/${room}/redact/${last}/${`r${i}`}`, {})).event_id;
  const event = await alice.event(room, first);
  expect(event.unsigned.redacted_because.type).toBe('m.room.redaction');
  expect(event.unsigned.redacted_because.unsigned.redacted_because).toBeUndefined();
  const { chunk } = await alice.messages(room, { limit: '100' });
  expect(chunk.length).toBeGreaterThan(80);
});

test('[ACL-03] who has left does not see by whom and why an event was redacted since', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const event = await alice.send(room, 'avant');
  await bob.leave(room);
  await alice.put(path`/v3/rooms/${room}/redact/${event}/r1`, { reason: 'secret' });
  expect(JSON.stringify(await bob.event(room, event))).not.toContain('secret');
  expect(JSON.stringify(await alice.event(room, event))).toContain('secret');
});

test('a restricted room is not entered by saying that one may', async () => {
  const [alice, mallory] = await t.users('alice', 'mallory');
  const space = await alice.createRoom();
  const room = await alice.createRoom({
    initial_state: [
      {
        type: 'm.room.join_rules',
        state_key: '',
        content: {
          join_rule: 'restricted',
          allow: [{ type: 'm.room_membership', room_id: space }],
        },
      },
    ],
  });
  const content = { membership: 'join', join_authorised_via_users_server: alice.id };
  const put = path`/v3/rooms/${room}/state/m.room.member/${mallory.id}`;
  await mallory.put(put, content, { expect: [403, 'M_FORBIDDEN'] });
  await mallory.get(path`/v3/rooms/${room}/state`, { expect: [403, 'M_FORBIDDEN'] });
  await alice.invite(space, mallory.id);
  await mallory.join(space);
  await mallory.put(put, content);
  await mallory.allState(room);
});

test('an invitation sent as state meets the checks of an invitation', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  const invite = (user: string, expected: [number, string]) =>
    alice.put(
      path`/v3/rooms/${room}/state/m.room.member/${user}`,
      { membership: 'invite' },
      { expect: expected },
    );
  await bob.put(path`/v3/user/${bob.id}/account_data/m.invite_permission_config`, {
    default_action: 'block',
  });
  await invite(bob.id, [403, 'M_INVITE_BLOCKED']);
  await invite('@nobody-of-ours:localhost', [404, 'M_NOT_FOUND']);
  await invite('@somebody:elsewhere.example', [403, 'M_FORBIDDEN']);
  await invite('bob', [400, 'M_INVALID_PARAM']);
  await alice.post(
    '/v3/createRoom',
    {
      initial_state: [{ type: 'm.room.member', state_key: bob.id, content: { membership: 'invite' } }],
    },
    { expect: [400, 'M_INVALID_PARAM'] },
  );
});

test('a stranger is told the same of a room that exists and of one that does not', async () => {
  const [alice, mallory] = await t.users('alice', 'mallory');
  const there = await alice.createRoom();
  const event = await alice.send(there, 'x');
  const nowhere = `!${'a'.repeat(43)}`;
  const tries: [string, string, object][] = [];
  for (const room of [there, nowhere])
    for (const id of [event, `$${'a'.repeat(43)}`])
      tries.push(
        ['PUT', path`/v3/rooms/${room}/redact/${id}/t1`, {}],
        [
          'PUT',
          path`/v3/rooms/${room}/send/m.reaction/t2`,
          { 'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: 'x' } },
        ],
        ['PUT', path`/v3/rooms/${room}/send/m.room.message/t3`, { msgtype: 'm.text', body: 'x' }],
        ['PUT', path`/v3/rooms/${room}/state/m.room.topic/`, { topic: 'x' }],
        ['PUT', path`/v3/rooms/${room}/state/m.room.member/${mallory.id}`, { membership: 'join' }],
        ['POST', path`/v3/rooms/${room}/kick`, { user_id: alice.id }],
        ['POST', path`/v3/rooms/${room}/leave`, {}],
      );
  const told = new Set<string>();
  for (const [method, url, body] of tries) {
    const answer =
      method === 'PUT'
        ? await mallory.put(url, body, { expect: [403, 'M_FORBIDDEN'] })
        : await mallory.post(url, body, { expect: [403, 'M_FORBIDDEN'] });
    told.add(answer.error);
  }
  expect([...told]).toEqual(['You are not in this room, or it does not exist']);
});

test('edits sent from another room do not hide the edit of the author', async () => {
  const [alice, mallory] = await t.users('alice', 'mallory');
  const room = await alice.roomWith([mallory]);
  const elsewhere = await mallory.createRoom();
  const event = await alice.send(room, 'avant');
  const edit = (text: string) => ({
    msgtype: 'm.text',
    body: text,
    'm.new_content': { msgtype: 'm.text', body: text },
    'm.relates_to': { rel_type: 'm.replace', event_id: event },
  });
  await alice.put(path`/v3/rooms/${room}/send/m.room.message/e1`, edit('après'));
  for (let i = 0; i < 60; i++)
    await mallory.put(path`/v3/rooms/${elsewhere}/send/m.room.message/${`e${i}`}`, edit('faux'));
  const read = await alice.event(room, event);
  expect(read.unsigned['m.relations']['m.replace'].content.body).toBe('après');
});
