// SPDX-License-Identifier: EUPL-1.2
// On the SDK itself: what it is given, and when, is what its next version may change.
import 'fake-indexeddb/auto';
import { createClient, type ISyncResponse, type MatrixClient, type Room } from 'matrix-js-sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeptRooms } from './kept-rooms.ts';
import { Restoring } from './restoring.ts';
import { type Order, SyncStore } from './sync-store.ts';

const ME = '@camille:own.example';
const IDS = ['!1', '!2', '!3', '!4', '!5'];

const message = (id: string, body: string) => ({
  type: 'm.room.message',
  event_id: id,
  sender: ME,
  origin_server_ts: 1000,
  content: { msgtype: 'm.text', body },
  unsigned: { age: 5 },
});

const state = (type: string, content: object, state_key = '') => ({
  type,
  state_key,
  event_id: `$${type}${JSON.stringify(content)}`,
  sender: ME,
  origin_server_ts: 1000,
  content,
});

const joined = (timeline: object[], events: object[] = []) => ({
  summary: {},
  state: { events },
  timeline: { events: timeline, prev_batch: 'before', limited: false },
  ephemeral: { events: [] },
  account_data: { events: [] },
  unread_notifications: { notification_count: 1, highlight_count: 0 },
});

const firstSync = () => ({
  next_batch: 'one',
  account_data: { events: [{ type: 'm.direct', content: { '@alix:own.example': ['!4'] } }] },
  rooms: {
    join: Object.fromEntries(
      IDS.map((id) => [
        id,
        joined(
          [message(`$first${id}`, `bonjour ${id}`)],
          [
            state('m.room.create', { room_version: '12' }),
            state('m.room.member', { membership: 'join' }, ME),
            state('m.room.name', { name: `Salon ${id}` }),
          ],
        ),
      ]),
    ),
    invite: {
      '!asked': {
        invite_state: {
          events: [
            {
              type: 'm.room.member',
              state_key: ME,
              sender: '@alix:own.example',
              content: { membership: 'invite' },
            },
          ],
        },
      },
    },
  },
});

/** A server of a few answers. */
class Server {
  readonly asked: (string | null)[] = [];
  private answers: Partial<ISyncResponse>[] = [];
  private wake: () => void = () => {};

  answer(answer: object): void {
    this.answers.push(answer as Partial<ISyncResponse>);
    this.wake();
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(String(input));
    if (pathname.endsWith('/versions')) return Response.json({ versions: ['v1.11'] });
    if (pathname.includes('/filter')) return Response.json({ filter_id: '0' });
    if (!pathname.endsWith('/sync')) return Response.json({ global: {} });
    this.asked.push(searchParams.get('since'));
    while (this.answers.length === 0)
      await new Promise<void>((resolve, reject) => {
        this.wake = resolve;
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      });
    return Response.json(this.answers.shift());
  };
}

const SILENCE = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => SILENCE };
const open: (() => Promise<void>)[] = [];

async function visit(order: Order | undefined, server = new Server()) {
  const store = new SyncStore(indexedDB, order);
  const client = createClient({
    baseUrl: 'https://own.example',
    userId: ME,
    deviceId: 'HERE',
    accessToken: 'token',
    fetchFn: server.fetch,
    store,
    logger: SILENCE as never,
  });
  client.matrixRTC.start = () => {};
  const restoring = new Restoring(client, store);
  const news: unknown[] = [];
  restoring.onNews = async ({ rooms }) => void news.push(rooms);
  const leave = async () => {
    restoring.stop();
    await store.save(true);
    client.stopClient();
    await store.destroy();
  };
  open.push(leave);
  await store.startup();
  await client.startClient({ lazyLoadMembers: true, initialSyncLimit: 20, threadSupport: true });
  restoring.attach();
  return { server, store, client, restoring, leave, news };
}

const idsOf = (client: MatrixClient) =>
  client
    .getRooms()
    .map(({ roomId }) => roomId)
    .toSorted();
const bodiesOf = (room: Room | null) =>
  room
    ?.getLiveTimeline()
    .getEvents()
    .flatMap((event) => event.getContent().body ?? []);

async function firstVisit() {
  const { server, client, leave } = await visit(undefined);
  server.answer(firstSync());
  await vi.waitFor(() => expect(server.asked).toEqual([null, 'one']));
  expect(idsOf(client)).toEqual([...IDS, '!asked']);
  await leave();
}

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
});

afterEach(async () => {
  for (const leave of open.splice(0)) await leave().catch(() => {});
  for (const { name = '' } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
});

test('[UX-5] a later visit begins with the rooms that it needs, and asks the server before the others are there', async () => {
  await firstVisit();
  const { server, client, restoring } = await visit({ first: ['!2'], list: IDS });
  await vi.waitFor(() => expect(idsOf(client)).toEqual(['!2', '!asked']));
  await vi.waitFor(() => expect(server.asked).toEqual(['one']));
  expect([...restoring.waiting]).toEqual(['!1', '!3', '!4', '!5']);
  expect(client.getAccountData('m.direct' as never)?.getContent()).toHaveProperty(['@alix:own.example']);

  // What is asked for comes, the rest goes on waiting.
  await restoring.restore(['!4']);
  expect(idsOf(client)).toEqual(['!2', '!4', '!asked']);
  const room = client.getRoom('!4');
  expect(room?.name).toBe('Salon !4');
  expect(bodiesOf(room)).toEqual(['bonjour !4']);
  expect(room?.getUnreadNotificationCount()).toBe(1);

  void restoring.begin();
  await restoring.all();
  expect(idsOf(client)).toEqual([...IDS, '!asked']);
  expect(restoring.waiting.size).toBe(0);
});

test('a room that the server tells something of is whole before that is added, and is kept with it', async () => {
  await firstVisit();
  const { server, client, leave } = await visit({ first: [], list: IDS });
  await vi.waitFor(() => expect(server.asked).toEqual(['one']));
  const rooms = { join: { '!3': joined([message('$new', 'entretemps')]) }, leave: { '!5': joined([]) } };
  server.answer({ next_batch: 'two', rooms });
  await vi.waitFor(() => expect(server.asked).toEqual(['one', 'two']));
  expect(bodiesOf(client.getRoom('!3'))).toEqual(['bonjour !3', 'entretemps']);
  expect(client.getRoom('!3')?.name).toBe('Salon !3');
  expect(idsOf(client)).toEqual(['!3', '!5', '!asked']);
  await leave();

  const again = await visit(undefined);
  await vi.waitFor(() => expect(again.server.asked).toEqual(['two']));
  expect(idsOf(again.client)).toEqual(['!1', '!2', '!3', '!4', '!asked']);
  expect(bodiesOf(again.client.getRoom('!3'))).toEqual(['bonjour !3', 'entretemps']);
});

test('what the server tells has happened is heard of before it is added, and nothing that is kept is', async () => {
  await firstVisit();
  const { server, client, restoring, news } = await visit({ first: ['!2'], list: IDS });
  const { syncApi } = client as unknown as {
    syncApi: { processSyncResponse(told: { fromCache: boolean }, answer: object): Promise<void> };
  };
  await syncApi.processSyncResponse({ fromCache: true }, {});
  const heard: unknown[] = [];
  const membership = (id: string) => client.getRoom(id)?.getMyMembership();
  restoring.onNews = async ({ rooms }) => {
    for (const [id, { timeline }] of Object.entries(rooms?.join ?? {}))
      heard.push([id, membership(id), timeline.events.length, bodiesOf(client.getRoom(id))]);
    // What it cannot do holds up nothing.
    throw new Error('not heard');
  };
  await vi.waitFor(() => expect(server.asked).toEqual(['one']));
  await restoring.restore(['!4']);
  expect([heard, news]).toEqual([[], []]);
  const member = state('m.room.member', { membership: 'join' }, ME);
  const rooms = {
    join: {
      '!3': joined([message('$new', 'entretemps')]),
      '!6': joined([message('$old', 'avant')], [member]),
    },
  };
  server.answer({ next_batch: 'two', rooms });
  await vi.waitFor(() => expect(server.asked).toEqual(['one', 'two']));
  expect(heard).toEqual([
    ['!3', 'join', 1, ['bonjour !3']],
    ['!6', undefined, 1, undefined],
  ]);
  expect(bodiesOf(client.getRoom('!3'))).toEqual(['bonjour !3', 'entretemps']);
});

test('an invitation that was accepted is a room, and one that was taken back is none', async () => {
  await firstVisit();
  const { server, leave } = await visit({ first: [], list: IDS });
  const member = state('m.room.member', { membership: 'join' }, ME);
  server.answer({ next_batch: 'two', rooms: { join: { '!asked': joined([], [member]) } } });
  await vi.waitFor(() => expect(server.asked).toEqual(['one', 'two']));
  await leave();
  const again = await visit({ first: ['!asked'], list: [] });
  await vi.waitFor(() => expect(again.client.getRoom('!asked')?.getMyMembership()).toBe('join'));
});

test('what has changed is written by itself, and no more than that', async () => {
  await firstVisit();
  const { server, store, client } = await visit({ first: [], list: IDS });
  server.answer({ next_batch: 'two', rooms: { join: { '!3': joined([message('$new', 'entretemps')]) } } });
  await vi.waitFor(() => expect(server.asked).toEqual(['one', 'two']));
  expect(store.wantsSave()).toBe(false);
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  await vi.waitFor(() => expect(put).toHaveBeenCalled(), { timeout: 10_000 });
  expect(put.mock.calls.map(([, key]) => key)).toEqual(['!3', 'place']);
  expect(client.getRoom('!3')).not.toBeNull();
});

test('events keep their age from one visit to the next', async () => {
  await firstVisit();
  const { client } = await visit(undefined);
  await vi.waitFor(() => expect(client.getRooms()).toHaveLength(6));
  const event = client.getRoom('!1')?.findEventById('$first!1');
  expect(event?.getUnsigned().age).toBeGreaterThanOrEqual(5);
  expect(event?.event).not.toHaveProperty('_localTs');
});

test('what an earlier version of this client has left is taken over, once', async () => {
  const { IndexedDBStore } = await import('matrix-js-sdk');
  const old = new IndexedDBStore({ indexedDB, dbName: 'chappe-sync' });
  await old.startup();
  await old.setSyncData(firstSync() as never);
  await old.save(true);
  await old.destroy();
  const first = await visit({ first: ['!2'], list: IDS });
  await vi.waitFor(() => expect(idsOf(first.client)).toEqual(['!2', '!asked']));
  await vi.waitFor(() => expect(first.server.asked).toEqual(['one']));
  await first.leave();
  const left = new IndexedDBStore({ indexedDB, dbName: 'chappe-sync' });
  await left.startup();
  expect(await left.getSavedSync()).toBeNull();
  await left.destroy();
});

test('without a database the visit begins with the server, and goes on', async () => {
  await firstVisit();
  vi.spyOn(KeptRooms, 'open').mockRejectedValue(new DOMException('no database', 'UnknownError'));
  const { server, client } = await visit({ first: ['!2'], list: IDS });
  server.answer(firstSync());
  await vi.waitFor(() => expect(server.asked).toEqual([null, 'one']));
  expect(client.getRooms()).toHaveLength(6);
});

const BROKEN = new DOMException('the disk is gone', 'UnknownError');

test('rooms that cannot be read are neither struck off nor half made: the server tells all of them anew', async () => {
  await firstVisit();
  const { server, client, restoring } = await visit({ first: ['!2'], list: IDS });
  await vi.waitFor(() => expect(server.asked).toEqual(['one']));
  vi.spyOn(KeptRooms.prototype, 'joined').mockRejectedValue(BROKEN);
  const there = vi.fn();
  const asked = restoring.restore(['!4']).then(there);
  const all = restoring.all().then(there);
  void restoring.begin();
  const news = [message('$new', 'entretemps')];
  server.answer({ next_batch: 'two', rooms: { join: { '!2': joined(news), '!3': joined(news) } } });
  await vi.waitFor(() => expect(server.asked).toEqual(['one', null]));
  expect(idsOf(client)).toEqual(['!2', '!asked']);
  expect(bodiesOf(client.getRoom('!2'))).toEqual(['bonjour !2', 'entretemps']);
  expect(there).not.toHaveBeenCalled();
  server.answer({ ...firstSync(), next_batch: 'three' });
  await Promise.all([asked, all]);
  expect(idsOf(client)).toEqual([...IDS, '!asked']);
  expect(client.getRoom('!3')?.name).toBe('Salon !3');
  expect(restoring.waiting.size).toBe(0);
  await vi.waitFor(() => expect(server.asked).toEqual(['one', null, 'three']));
});

test('a room of which the SDK can make nothing holds up no other, and is remembered', async () => {
  await firstVisit();
  vi.spyOn(SyncStore.prototype, 'keptOf').mockImplementation(async function (this: SyncStore, ids) {
    return new Map(ids.map((id) => [id, joined(id === '!3' ? [null as never] : []) as never]));
  });
  const { client, restoring } = await visit({ first: ['!2'], list: IDS });
  void restoring.begin();
  await restoring.all();
  expect(idsOf(client)).toEqual(['!1', '!2', '!4', '!5', '!asked']);
  expect([...restoring.broken]).toEqual(['!3']);
});

test('a room of the first ones of which the SDK can make nothing is remembered too', async () => {
  await firstVisit();
  const { joined: read } = KeptRooms.prototype;
  vi.spyOn(KeptRooms.prototype, 'joined').mockImplementation(async function (this: KeptRooms, ids) {
    const rooms = await read.call(this, ids);
    if (rooms.has('!2')) rooms.set('!2', joined([], [null as never]) as never);
    return rooms;
  });
  const { server, client, restoring } = await visit({ first: ['!1', '!2'], list: IDS });
  await vi.waitFor(() => expect(server.asked).toEqual(['one']));
  server.answer({ next_batch: 'two' });
  await vi.waitFor(() => expect([...restoring.broken]).toEqual(['!2']));
  expect(client.getRoom('!2')).toBeNull();
});

test('a database that the browser has closed is opened again', async () => {
  await firstVisit();
  const listen = vi.spyOn(IDBDatabase.prototype, 'addEventListener');
  const kept = await KeptRooms.open();
  expect((await kept.joined(['!3'])).size).toBe(1);
  const at = listen.mock.calls.findIndex(([name]) => String(name) === 'close');
  (listen.mock.contexts[at] as IDBDatabase).close();
  (listen.mock.calls[at]![1] as () => void)();
  expect((await kept.joined(['!3'])).size).toBe(1);
  kept.close();
  await expect(kept.joined(['!3'])).rejects.toThrow();
});

test('once it is stopped, nothing is told to be complete', async () => {
  await firstVisit();
  const { restoring } = await visit({ first: ['!2'], list: IDS });
  const all = vi.fn();
  void restoring.all().then(all);
  restoring.stop();
  await restoring.begin();
  expect(all).not.toHaveBeenCalled();
});
