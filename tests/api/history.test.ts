// SPDX-License-Identifier: EUPL-1.2
// What a reader gets of a room's past when much of it is not theirs to see.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { stage } from './src/stage.ts';
import { atOnce, bodiesOf, type Event } from './src/user.ts';

const t = stage();
const relation = (rel_type: string, event_id: string) => ({ 'm.relates_to': { rel_type, event_id } });
const text = (body: string, extra: object = {}) => ({ msgtype: 'm.text', body, ...extra });

test('[STA-14] thousands of events that one may not see do not stop the way to the start', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const initial_state = [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }];
  const room = await alice.roomWith([bob], { initial_state, preset: 'public_chat' });
  await alice.send(room, 'au début');
  await bob.leave(room);
  await atOnce(2300, (i) => alice.send(room, `caché ${i}`));
  await bob.join(room);
  await alice.send(room, 'à la fin');
  const seen: string[] = [];
  let from: string | undefined;
  for (let page = 0; ; page++) {
    const answer = await bob.messages(room, { from, limit: 50 });
    seen.push(...bodiesOf(answer.chunk));
    if (answer.end === undefined) break;
    expect(answer.end).not.toBe(from);
    expect(page).toBeLessThan(20);
    from = answer.end;
  }
  expect(seen).toEqual(['à la fin', 'au début']);
}, 60_000);

test('[ACL-03] what came after a departure is in no bundle: edits, threads, references', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  const reply = await alice.send(room, text('pour Bob', relation('m.thread', root)));
  await bob.leave(room);
  await alice.send(room, {
    ...text('* x'),
    'm.new_content': text('édité après'),
    ...relation('m.replace', root),
  });
  await alice.send(room, text('fil après', relation('m.thread', root)));
  await alice.send(room, text('renvoi après', relation('m.reference', root)));
  const event = await bob.event(room, root);
  const bundle = event.unsigned['m.relations'];
  expect(Object.keys(bundle).filter((key) => key !== 'm.reference')).toEqual(['m.thread']);
  expect(bundle['m.reference']?.chunk ?? []).toEqual([]);
  expect(bundle['m.thread']).toMatchObject({ count: 1, latest_event: { event_id: reply } });
  expect(JSON.stringify(await bob.messages(room))).not.toContain('après');
  expect(JSON.stringify(await bob.get(path`/v1/rooms/${room}/threads`))).not.toContain('après');
  expect(JSON.stringify(await bob.get(path`/v1/rooms/${room}/relations/${root}`))).not.toContain('après');
});

test('[ACL-03] a ban after leaving opens nothing of what lies between, and closes nothing before', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await alice.send(room, 'avant');
  await bob.leave(room);
  const between = await alice.send(room, 'entre');
  await alice.setState(room, 'm.room.topic', { topic: 'Entre' });
  await alice.ban(room, bob.id);
  expect(bodiesOf((await bob.messages(room)).chunk)).toEqual(['avant']);
  await bob.event(room, between, { expect: [404, 'M_NOT_FOUND'] });
  await bob.getState(room, 'm.room.topic', '', { expect: [404, 'M_NOT_FOUND'] });
  const { chunk } = await bob.get(path`/v3/rooms/${room}/members`);
  expect(chunk.find((e: Event) => e.state_key === bob.id).content.membership).toBe('leave');
});

test('[ACL-14] an event of one room that relates to an event of another is shown in neither as its child', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [one, two] = [await alice.createRoom(), await alice.roomWith([bob])];
  const root = await alice.send(one, 'racine');
  await alice.send(one, text('vrai', relation('m.thread', root)));
  await bob.send(two, text('étranger', relation('m.thread', root)));
  await bob.send(two, text('étranger aussi', relation('m.reference', root)));
  const thread = (await alice.event(one, root)).unsigned['m.relations']['m.thread'];
  expect(thread).toMatchObject({ count: 1, latest_event: { content: { body: 'vrai' } } });
  expect(bodiesOf((await alice.get(path`/v1/rooms/${one}/relations/${root}`)).chunk)).toEqual(['vrai']);
  expect((await alice.get(path`/v1/rooms/${two}/threads`)).chunk).toEqual([]);
});

test('[R21] relations are filtered by messages, and members come lazily', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const [one, two] = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await bob.send(room, text('fil', relation('m.thread', one)));
  await alice.send(room, text('renvoi', relation('m.reference', two)));
  const ids = async (filter: object) =>
    (await alice.messages(room, { filter: JSON.stringify(filter) })).chunk.map((e: Event) => e.event_id);
  expect(await ids({ related_by_rel_types: ['m.thread'] })).toEqual([one]);
  expect(await ids({ related_by_senders: [alice.id] })).toEqual([two]);
  expect(await ids({ related_by_rel_types: ['m.thread'], related_by_senders: [alice.id] })).toEqual([]);
  const lazy = JSON.stringify({ lazy_load_members: true, types: ['m.room.message'] });
  const page = await alice.messages(room, { filter: lazy, limit: 1 });
  expect(page.state.map((e: Event) => [e.type, e.state_key])).toEqual([['m.room.member', alice.id]]);
  const whole = await alice.get(path`/v3/rooms/${room}/context/${one}`, {
    query: { filter: JSON.stringify({ lazy_load_members: true }), limit: 0 },
  });
  const members = whole.state.filter((e: Event) => e.type === 'm.room.member');
  expect(members.map((e: Event) => e.state_key)).toEqual([alice.id]);
});
