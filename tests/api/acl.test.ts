// SPDX-License-Identifier: EUPL-1.2
// Every route, by every kind of caller: acl.tsv says what each is answered. `uia` is the question for the
// password; a cell is a status else. To make the table anew: CHAPPE_WRITE_ACL=1, then read what changed.
// (There are no guests: registering one is refused, accounts.test.ts.)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CHAPPE, TESTS } from './src/paths.ts';
import { newAgent, newExternal } from './src/people.ts';
import { parseRoutes, type Route } from './src/routes.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, User, unique } from './src/user.ts';

// Without a scanner files are served at once, so that a cell says who may, and not when.
const t = stage({ set: { 'registration.mode': 'email', 'scanner.engine': 'none' } });

const KINDS = [
  'nobody', // no token
  'wrong', // a token that never was
  'ended', // the token of a session that was ended
  'stranger', // an agent who is in no room of the table
  'external', // an outside partner, likewise
  'operator', // an administrator of the server, likewise
  'invited',
  'left',
  'banned',
  'member', // whose message, file, device, filter and profile the paths name
  'moderator',
  'owner', // of the room
] as const;
type Kind = (typeof KINDS)[number];
type Table = Map<string, Record<Kind, string>>;

const TABLE = join(TESTS, 'acl.tsv');
const people = {} as Record<Exclude<Kind, 'nobody' | 'wrong' | 'ended'>, User>;
const targets: User[] = [];
let ended: string;
let filter: string;
let media: string[];

async function newOperator(): Promise<User> {
  const name = unique('operator');
  const file = join(t.server.dataDir, `${name}.password`);
  await writeFile(file, PASSWORD, { mode: 0o600 });
  const email = `${name}@interieur.example`;
  await t.server.command('user', 'add', name, '--password-file', file, '--admin', '--email', email);
  const identifier = { type: 'm.id.user', user: name };
  const body = { type: 'm.login.password', identifier, password: PASSWORD };
  return new User(t.api, (await t.api.call('POST', '/_matrix/client/v3/login', { body })).body);
}

beforeAll(async () => {
  for (const kind of KINDS.slice(3) as (keyof typeof people)[]) {
    if (kind === 'external') people[kind] = await newExternal(t.server);
    else if (kind === 'operator') people[kind] = await newOperator();
    else people[kind] = await newAgent(t.server, kind);
  }
  for (let i = 0; i < 4; i++) targets.push(await newAgent(t.server, 'target'));
  const session = await people.stranger.login();
  await session.post('/v3/logout');
  ended = session.token;
  const { member } = people;
  filter = (await member.post(`/v3/user/${encodeURIComponent(member.id)}/filter`, {})).filter_id;
  const upload = await t.api.call('POST', '/_matrix/media/v3/upload', {
    token: member.token,
    raw: 'text',
    headers: { 'content-type': 'text/plain' },
  });
  media = upload.body.content_uri.slice('mxc://'.length).split('/');
}, 120_000);

interface Place {
  room: string;
  event: string;
}

const SECRET = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', session_id: 'y' };

/** A private room with everybody in their place. */
async function newPlace(): Promise<Place> {
  const { owner, invited, left, banned, member, moderator } = people;
  const inside = [left, banned, member, moderator, ...targets];
  const room = await owner.roomWith(inside);
  await owner.invite(room, invited.id);
  await left.leave(room);
  await owner.ban(room, banned.id);
  await owner.powerLevels(room, (levels) => {
    levels.users = { ...levels.users, [moderator.id]: 50 };
  });
  return { room, event: await member.send(room, SECRET, 'm.room.encrypted') };
}

const quiet = (route: Route) => route.method === 'GET' || !route.template.includes('{roomId');

function fill(route: Route, place: Place, alias: string): string {
  const values: Record<string, string> = {
    roomId: place.room,
    roomIdOrAlias: place.room,
    roomAlias: alias,
    eventId: place.event,
    userId: people.member.id,
    deviceId: people.member.device,
    device_id: people.member.device,
    filterId: filter,
    serverName: media[0],
    mediaId: media[1],
    fileName: 'a.txt',
    eventType: route.template.includes('/send') ? 'm.room.encrypted' : 'm.room.topic',
    stateKey: '',
    txnId: unique('t'),
    type: 'org.example.type',
    tag: 'u.work',
    keyName: 'm.tz',
    kind: 'override',
    ruleId: '.m.rule.master',
    receiptType: 'm.read',
    relType: 'm.thread',
    version: '1',
    sessionId: 's',
    authType: 'm.login.password',
    keyId: 'ed25519:0',
    idpId: 'x',
  };
  return route.template.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? 'x'));
}

function targetOf(kind: Kind): string {
  const at = ['member', 'moderator', 'owner'].indexOf(kind);
  return targets[at + 1].id;
}

/** What a call needs to be judged by who makes it, and not by its form. */
function bodyOf(route: Route, place: Place, kind: Kind): object | undefined {
  if (route.method === 'GET' || route.method === 'DELETE') return undefined;
  const at = `${route.method} ${route.template.replace(/^\/_matrix\/client\/\w+/, '')}`;
  const target = { user_id: targetOf(kind) };
  const bodies: Record<string, object> = {
    'POST /rooms/{roomId}/invite': { user_id: people.stranger.id },
    'POST /rooms/{roomId}/kick': target,
    'POST /rooms/{roomId}/ban': target,
    'POST /rooms/{roomId}/unban': { user_id: people.banned.id },
    'PUT /rooms/{roomId}/send/{eventType}/{txnId}': SECRET,
    'PUT /rooms/{roomId}/state/{eventType}/{stateKey}': { topic: kind },
    'PUT /rooms/{roomId}/state/{eventType}/': { topic: kind },
    'PUT /rooms/{roomId}/state/{eventType}': { topic: kind },
    'POST /rooms/{roomId}/read_markers': { 'm.fully_read': place.event },
    'PUT /rooms/{roomId}/typing/{userId}': { typing: true, timeout: 1000 },
    'POST /rooms/{roomId}/upgrade': { new_version: '12' },
    'PUT /directory/room/{roomAlias}': { room_id: place.room },
    'PUT /directory/list/room/{roomId}': { visibility: 'private' },
    'PUT /directory/list/appservice/{networkId}/{roomId}': { visibility: 'private' },
    'PUT /admin/lock/{userId}': { locked: false },
    'PUT /admin/suspend/{userId}': { suspended: false },
    'PUT /presence/{userId}/status': { presence: 'online' },
    'PUT /profile/{userId}/avatar_url': { avatar_url: '' },
    'PUT /profile/{userId}/displayname': { displayname: 'Le ministre' },
    'PUT /profile/{userId}/{keyName}': { 'm.tz': 'Europe/Paris' },
    'PUT /pushrules/global/{kind}/{ruleId}/enabled': { enabled: false },
    'PUT /pushrules/global/{kind}/{ruleId}/actions': { actions: [] },
    'POST /search': { search_categories: { room_events: { search_term: 'x' } } },
    'POST /user_directory/search': { search_term: 'personne' },
    'POST /createRoom': { name: 'x' },
    'PUT /sendToDevice/{eventType}/{txnId}': { messages: {} },
    'POST /keys/claim': { one_time_keys: {} },
    'POST /keys/query': { device_keys: {} },
    'PUT /devices/{deviceId}': { display_name: 'x' },
    'POST /room_keys/version': { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data: {} },
    'POST /users/info': { user_ids: [people.member.id] },
  };
  return bodies[at] ?? {};
}

async function tokenOf(route: Route, kind: Kind): Promise<string | undefined> {
  if (kind === 'nobody') return undefined;
  if (kind === 'wrong') return 'syt_never_was';
  if (kind === 'ended') return ended;
  // The session that is ended is one made for it.
  if (route.template.endsWith('/logout')) return (await people[kind].login()).token;
  return people[kind].token;
}

async function ask(route: Route, place: Place, kind: Kind, alias: string): Promise<string> {
  const query = route.template.endsWith('/timestamp_to_event') ? { ts: 0, dir: 'f' } : {};
  const paged = route.template.endsWith('/messages') ? { dir: 'b' } : {};
  const mutual = route.template.endsWith('/mutual_rooms') ? { user_id: targets[0].id } : {};
  const answer = await t.api.call(route.method, fill(route, place, alias), {
    token: await tokenOf(route, kind),
    body: bodyOf(route, place, kind),
    query: { ...query, ...paged, ...mutual },
    expect: 'any',
  });
  return answer.status === 401 && answer.body?.flows ? 'uia' : `${answer.status}`;
}

function readTable(): Table {
  const [head, ...lines] = readFileSync(TABLE, 'utf8').trim().split('\n');
  const kinds = head.split('\t').slice(2) as Kind[];
  expect(kinds).toEqual([...KINDS]);
  return new Map(
    lines.map((line) => {
      const [method, template, ...cells] = line.split('\t');
      const row = Object.fromEntries(kinds.map((kind, i) => [kind, cells[i]])) as Record<Kind, string>;
      return [`${method}\t${template}`, row];
    }),
  );
}

function writeTable(table: Table): void {
  const rows = [...table].map(([route, row]) => [route, ...KINDS.map((kind) => row[kind])].join('\t'));
  writeFileSync(TABLE, `${[['method', 'path', ...KINDS].join('\t'), ...rows.sort()].join('\n')}\n`);
}

/** Those that end every session of their caller come last. */
const order = (route: Route) => Number(/\/logout\/all$/.test(route.template));

test('[ACL-01] every route answers every kind of caller as the table says', async () => {
  const routes = parseRoutes(execFileSync(CHAPPE, ['routes'], { encoding: 'utf8' }))
    .sort((a, b) => `${a.template}${a.method}`.localeCompare(`${b.template}${b.method}`))
    .sort((a, b) => order(a) - order(b));
  const shared = await newPlace();
  const found: Table = new Map();
  for (const route of routes) {
    const place = quiet(route) ? shared : await newPlace();
    const alias = `#${unique('acl')}:localhost`;
    const row = {} as Record<Kind, string>;
    for (const kind of KINDS) row[kind] = await ask(route, place, kind, alias);
    found.set(`${route.method}\t${route.template}`, row);
  }
  if (process.env.CHAPPE_WRITE_ACL) writeTable(found);
  const table = readTable();
  // A route without a row is one that nobody has thought about: CHAPPE_WRITE_ACL=1, then read the row.
  expect([...found.keys()].filter((route) => !table.has(route))).toEqual([]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(table));
}, 300_000);
