// SPDX-License-Identifier: EUPL-1.2
// The whole way of two agents and an outside partner, with real clients and a real mail server: from
// nothing but their addresses to a talk of three, and what a partner may not do.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ICreateRoomOpts, type MatrixError, Preset, type RoomMember, Visibility } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mail, PostOffice } from './src/mail.ts';
import { ACCESS, accessRule } from './src/people.ts';
import { Device, until } from './src/sdk.ts';
import { Server } from './src/server.ts';
import { askMail, registerWith, submitCode } from './src/signup.ts';
import { User, unique } from './src/user.ts';

const PUBLIC_URL = 'https://chappe.interieur.example';
const MAP = `domains:
  - {domain: interieur.example, server: localhost, organisation: Intérieur}
  - {domain: culture.example, server: localhost, organisation: Culture}
default: {server: localhost, external: true}
`;
/** Three clients with their cryptography: a limit that only ends a test that hangs. */
const LONG = 600_000;

let directory: string;
let office: PostOffice;
let server: Server;
const devices: Device[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chappe-story-'));
  const domains = join(directory, 'domains.yaml');
  await writeFile(domains, MAP);
  office = await PostOffice.open();
  const set = { 'registration.mode': 'email', domains, public_url: PUBLIC_URL, ...office.settings() };
  server = await Server.start({ set });
});

afterAll(async () => {
  for (const device of devices) device.stop();
  await server?.dispose();
  await office?.close();
  await rm(directory, { recursive: true, force: true });
});

// ---- mails and accounts ----

/** Waits for the nth mail (from 1) to an address; each has that one recipient. */
async function mailTo(address: string, nth = 1): Promise<Mail> {
  const taken = await until(() => office.taken.filter((t) => t.mail.to === address)[nth - 1]);
  expect(taken.recipients).toEqual([address]);
  expect(taken.secure).toBe(true);
  return taken.mail;
}

async function placeOf(address: string) {
  const at = '/_matrix/identity/api/v1/info';
  const { body } = await server.api.call('GET', at, { query: { medium: 'email', address } });
  return [body.hs, body['org.chappe.organisation'], body['org.chappe.external']];
}

/** Opens the page of the mailed link and presses its button, as a browser does. */
async function follow(link: string): Promise<void> {
  const url = new URL(link);
  expect(url.origin).toBe(PUBLIC_URL);
  const page = await server.api.call('GET', `${url.pathname}${url.search}`);
  const field = (name: string) =>
    new RegExp(`name="${name}"[^>]* value="([^"]*)"|value="([^"]*)"[^>]* name="${name}"`)
      .exec(page.text)
      ?.slice(1)
      .find((value) => value !== undefined) ?? '';
  await server.api.call('POST', url.pathname, {
    raw: new URLSearchParams({ sid: field('sid'), token: field('token') }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}

async function signUp(address: string, by: 'code' | 'link', nth = 1): Promise<Device> {
  const proof = await askMail(server, address);
  const mail = await mailTo(address, nth);
  if (by === 'code') await submitCode(server, proof, mail.code);
  else await follow(mail.link);
  const account = await registerWith(server, proof);
  const device = await Device.start(server, new User(server.api, account.body));
  devices.push(device);
  return device;
}

// ---- what clients do ----

const create = async (who: Device, options: ICreateRoomOpts) =>
  (await who.client.createRoom(options)).room_id;
const membership = (who: Device, room: string) => who.client.getRoom(room)?.getMyMembership();
const member = (who: Device, room: string, other: Device): RoomMember | null | undefined =>
  who.client.getRoom(room)?.getMember(other.id);

/** Joins where an invitation is, and waits until the others see it. */
async function enter(who: Device, room: string, ...others: Device[]): Promise<void> {
  await until(() => membership(who, room) === 'invite');
  await who.client.joinRoom(room);
  for (const other of others) await until(() => member(other, room, who)?.membership === 'join');
  for (const device of [who, ...others]) await until(() => device.crypto.isEncryptionEnabledInRoom(room));
}

/** Says something that the others read, and that the server could not. */
async function talk(from: Device, room: string, body: string, ...to: Device[]): Promise<void> {
  const { event_id } = await from.say(room, body);
  for (const device of to) await device.sees(room, body);
  const stored = await to[0].user.event(room, event_id);
  expect(stored.type).toBe('m.room.encrypted');
  expect(JSON.stringify(stored)).not.toContain(body);
}

async function refused(act: Promise<unknown>, reason: string): Promise<void> {
  const error: MatrixError = await act.then(
    () => {
      throw new Error(`not refused: ${reason}`);
    },
    (given) => given,
  );
  expect([error.httpStatus, error.errcode, error.data?.['org.chappe.reason']]).toEqual([
    403,
    'M_FORBIDDEN',
    reason,
  ]);
}

/** Invites an address as clients do: with a token of the identity service, for one of OpenID. */
async function inviteAddress(who: Device, room: string, address: string): Promise<void> {
  who.client.setIdentityServerUrl(server.url);
  const openid = await who.client.getOpenIdToken();
  const { token } = await who.client.registerWithIdentityServer(openid);
  who.client.identityServer = { getAccessToken: async () => token };
  await who.client.inviteByEmail(room, address);
}

// ---- the story ----

test(
  '[ACC-13] [R-MAIL] [R-LAST] two agents and an outside partner, from their addresses to a talk of three',
  async () => {
    const [first, last, partnerName] = [unique('anne'), unique('durand'), unique('paul')];
    const addressA = `${first}.petit@interieur.example`;
    const addressB = `benoit.${last}@culture.example`;
    const addressP = `${partnerName}.martin@partenaire.example`;

    // Each address has its place; an outside one has no way in yet.
    expect(await placeOf(addressA)).toEqual(['localhost', 'Intérieur', false]);
    expect(await placeOf(addressB)).toEqual(['localhost', 'Culture', false]);
    expect((await placeOf(addressP))[2]).toBe(true);
    await askMail(server, addressP, { expect: [403, 'M_THREEPID_DENIED'] });

    // Two agents sign up: one by the code, one by the link.
    const a = await signUp(addressA, 'code');
    const b = await signUp(addressB, 'link');
    expect(b.id).toBe(`@benoit.${last}-culture.example:localhost`);

    // They share no room, and find each other by name and by ministry.
    for (const term of [last, `${last} benoit`, 'culture']) {
      const { results } = await a.client.searchUserDirectory({ term });
      expect(results, term).toEqual([
        {
          user_id: b.id,
          display_name: expect.stringMatching(/^Benoit Durand.* \[Culture\]$/),
          'org.chappe.organisation': 'Culture',
          'org.chappe.external': false,
        },
      ]);
    }

    // And talk, by themselves.
    const direct = await create(a, {
      is_direct: true,
      preset: Preset.TrustedPrivateChat,
      invite: [b.id],
    });
    await enter(b, direct, a);
    await talk(a, direct, 'Bonjour Benoit', b);
    await talk(b, direct, 'Bonjour Anne', a);

    // A room for a partner too: one more mail, and that is how he comes in.
    const open = await create(a, { name: 'Projet', initial_state: [accessRule('unrestricted')] });
    await a.client.invite(open, b.id);
    await enter(b, open, a);
    await inviteAddress(a, open, addressP);
    const invitation = await mailTo(addressP);
    expect(invitation.text.indexOf('vous invite')).toBeGreaterThan(-1);
    expect(invitation.text.indexOf('vous invite')).toBeLessThan(invitation.text.indexOf('invites you'));
    expect(invitation.link.startsWith(PUBLIC_URL)).toBe(true);
    expect(invitation.text).not.toContain('Projet');
    const p = await signUp(addressP, 'code', 2);
    await enter(p, open, a, b);
    await talk(a, open, 'Bienvenue Paul', p, b);
    await talk(p, open, 'Merci Anne', a, b);
    await talk(b, open, 'Bonjour Paul', p, a);

    // That, and nothing else.
    const forum = await create(a, { visibility: Visibility.Public, name: 'Le forum' });
    const restricted = await create(a, { name: 'Entre agents' });
    const link = { join_rule: 'public' };
    await a.user.setState(restricted, 'm.room.join_rules', link);
    await refused(p.client.createRoom({}), 'external_create_room');
    await refused(p.client.createRoom({ creation_content: { type: 'm.space' } }), 'external_create_room');
    await refused(p.client.createRoom({ is_direct: true, invite: [a.id] }), 'external_create_room');
    await refused(p.client.invite(open, b.id), 'external_invite');
    await refused(p.client.searchUserDirectory({ term: last }), 'external_directory');
    await refused(p.client.publicRooms({ limit: 10 }), 'external_directory');
    await refused(p.client.joinRoom(forum), 'external_forum');
    await refused(p.client.joinRoom(restricted), 'external_restricted_room');
    await refused(a.client.invite(restricted, p.id), 'external_restricted_room');
    await refused(a.client.invite(forum, p.id), 'external_forum');
    await refused(a.client.setPowerLevel(open, p.id, 50), 'external_power');
    await refused(p.client.setPowerLevel(open, b.id, 50), 'external_power');
    await refused(p.client.kick(open, b.id), 'external_power');
    expect((await p.client.getJoinedRooms()).joined_rooms).toEqual([open]);

    // The last administrator leaves: the other agent follows, not the partner.
    await a.client.leave(open);
    const levels = (await b.user.allState(open)).find((e) => e.type === 'm.room.power_levels');
    expect(levels?.sender).toBe(a.id);
    expect(levels?.content.users?.[b.id]).toBe(100);
    expect(levels?.content.users?.[p.id] ?? 0).toBe(0);
    await until(
      () => member(b, open, a)?.membership === 'leave' && member(p, open, a)?.membership === 'leave',
    );
    await b.client.setRoomName(open, 'Projet, suite');
    expect((await b.user.getState(open, ACCESS)).rule).toBe('unrestricted');
    await talk(b, open, 'Anne est partie', p);
    await talk(p, open, 'Continuons', b);

    // Four mails in all, and no client saw a fault.
    const recipients = office.taken.flatMap((taken) => taken.recipients);
    expect(recipients.sort()).toEqual([addressA, addressB, addressP, addressP].sort());
    expect([...new Set(devices.flatMap((device) => device.faults))]).toEqual([]);
  },
  LONG,
);
