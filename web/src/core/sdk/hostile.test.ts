// SPDX-License-Identifier: EUPL-1.2
// What a member of a room can send, of any shape: nothing of it reaches a screen that cannot draw it.
import { createClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { itemOf, wordsOf } from './reading.ts';
import { listedRoom } from './listing.ts';
import { sayingOf } from './sayings.ts';
import { summaryOf } from './room.ts';

const ME = '@camille:example.org';
const HOSTILE: unknown[] = [{ toString: 1 }, {}, ['a'], 3, true, null, '__proto__', 'constructor'];

let count = 0;
const eventOf = (type: string, content: object, more: object = {}) =>
  new MatrixEvent({
    type,
    content,
    event_id: `$${count++}`,
    room_id: '!r',
    sender: '@eve:elsewhere.org',
    origin_server_ts: 1_790_000_000_000,
    ...more,
  });

async function roomWith(...events: MatrixEvent[]) {
  const client = createClient({ baseUrl: 'https://example.org', userId: ME });
  const room = new Room('!r', client, ME);
  await room.addLiveEvents(events, { addToState: true });
  return { client, room };
}

/** All that a view could be given to draw as it stands. */
function drawn(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(drawn) : [value];
}

const shown = (value: unknown) => {
  for (const one of drawn(value)) expect(['string', 'number', 'boolean', 'undefined']).toContain(typeof one);
};

test.each(HOSTILE)('a message made of %j is read, or not shown', async (bad) => {
  const contents = [
    { msgtype: bad, body: bad },
    { msgtype: 'm.text', body: bad, format: 'org.matrix.custom.html', formatted_body: bad },
    { msgtype: 'm.image', body: bad, filename: bad, info: bad, file: bad, url: bad },
    { msgtype: 'm.text', body: 'x', 'm.mentions': { user_ids: bad } },
    { msgtype: 'm.text', body: 'x', 'm.relates_to': { 'm.in_reply_to': { event_id: bad } } },
  ];
  const poll = { question: bad, kind: bad, max_selections: bad, answers: [bad, { id: bad }, { id: 'a' }] };
  const events = [
    ...contents.map((content) => eventOf('m.room.message', content)),
    eventOf('m.poll.start', { 'm.poll': poll }),
    eventOf('m.room.name', { name: bad }, { state_key: '' }),
    eventOf('m.room.topic', { topic: bad }, { state_key: '' }),
    eventOf('m.room.avatar', { url: bad }, { state_key: '' }),
    eventOf('m.room.member', { membership: 'join', displayname: bad }, { state_key: '@eve:elsewhere.org' }),
  ];
  const { client, room } = await roomWith(...events);
  for (const event of events) {
    shown(itemOf(room, event, ME) ?? {});
    shown(sayingOf(event) ?? {});
  }
  shown(summaryOf(client, room));
});

test.each(HOSTILE.filter((one) => typeof one !== 'string'))(
  'a reaction of %j is no reaction',
  async (key) => {
    const message = eventOf('m.room.message', { msgtype: 'm.text', body: 'x' });
    const react = (emoji: unknown) =>
      eventOf('m.reaction', {
        'm.relates_to': { rel_type: 'm.annotation', event_id: message.getId(), key: emoji },
      });
    const { room } = await roomWith(message, react(key), react('👍'), react('x'.repeat(2000)));
    await vi.waitFor(() =>
      expect(itemOf(room, message, ME)).toMatchObject({ reactions: [{ emoji: '👍', mine: false }] }),
    );
  },
);

test.each([8.64e15 + 1, -8.64e15 - 1, 1e308, '1', { toString: 1 }])(
  'a message that says it is of the moment %j has a moment that can be written',
  async (at) => {
    const event = eventOf('m.room.message', { msgtype: 'm.text', body: 'x' }, { origin_server_ts: at });
    const { client, room } = await roomWith(event);
    const item = itemOf(room, event, ME);
    expect(() => new Date(item?.at ?? Number.NaN).toISOString()).not.toThrow();
    expect(() => new Date(summaryOf(client, room).at).toISOString()).not.toThrow();
    expect(JSON.stringify(sayingOf(event))).toContain('"at":');
  },
);

test.each(HOSTILE)('a public room that another server describes with %j is listed', (bad) => {
  shown(
    listedRoom(createClient({ baseUrl: 'https://example.org', userId: ME }), {
      room_id: '!r',
      name: bad,
      canonical_alias: bad,
      topic: bad,
      avatar_url: bad,
      num_joined_members: bad,
      'org.chappe.room.theme': bad,
      join_rule: bad,
      allowed_room_ids: bad,
      membership: bad,
    }),
  );
});

test('laid-out text of any length is read in proportion to what is shown of it', () => {
  const replaced = vi.spyOn(String.prototype, 'replaceAll');
  for (const html of [
    '<'.repeat(60_000),
    '<mx-reply>'.repeat(6000),
    '<a '.repeat(20_000),
    ' '.repeat(60_000),
  ])
    expect(wordsOf(html).length).toBeLessThanOrEqual(8192);
  for (const text of replaced.mock.contexts) expect(String(text).length).toBeLessThanOrEqual(8192);
  expect(wordsOf(`${'mot '.repeat(2047)}<strong class="long">fin</strong>`)).toBe('mot '.repeat(2047).trim());
});

const deletion = () => eventOf('m.room.redaction', { redacts: '$alix' });

test('a deletion written inside an encrypted event deletes nothing of what is looked for', () => {
  const inside = deletion();
  inside.makeEncrypted('m.room.encrypted', { algorithm: 'm.megolm.v1.aes-sha2' }, 'key', 'key');
  expect(inside.getType()).toBe('m.room.redaction');
  expect(sayingOf(inside)).toBeUndefined();
  expect(sayingOf(deletion())).toEqual({ what: 'redaction', target: '$alix' });
});
