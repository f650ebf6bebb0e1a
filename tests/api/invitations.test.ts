// SPDX-License-Identifier: EUPL-1.2
// Invitations by e-mail address: docs/design/room-rules.md, "By address".
import { beforeAll, expect, test } from 'vitest';
import { type CallOptions, path } from './src/http.ts';
import { mailsOf, mailTo } from './src/mail.ts';
import { ACCESS, accessRule, newAgent, newExternal } from './src/people.ts';
import { askMail, newAddress, prove, registerWith, signUp } from './src/signup.ts';
import { stage } from './src/stage.ts';
import { type Event, PASSWORD, User } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });
const OFFER = 'm.room.third_party_invite';

let alice: User;
beforeAll(async () => {
  alice = await newAgent(t.server);
});

const newPartner = () => newAddress('partner', 'partner.example');
const openRoom = (extra: object = {}) =>
  alice.createRoom({ initial_state: [accessRule('unrestricted')], ...extra });
const inviteAddress = (who: User, room: string, address: string, expect_?: CallOptions['expect']) =>
  who.call('POST', path`/v3/rooms/${room}/invite`, {
    body: { medium: 'email', address, id_server: 'localhost', id_access_token: 'x' },
    expect: expect_,
  });
const offersOf = async (room: string): Promise<Event[]> =>
  (await alice.allState(room)).filter((e) => e.type === OFFER && Object.keys(e.content).length > 0);

/** After so many mails of invitations comes the one with the code. */
async function signUpAfter(address: string, invitations = 1): Promise<User> {
  const proof = await prove(t.server, address, { nth: invitations + 1 });
  return new User(t.api, (await registerWith(t.server, proof)).body);
}

/** Waits until the user's own sync shows the invitation. */
const invitedTo = (user: User, room: string) =>
  user.syncUntil((sync) => sync.rooms?.invite?.[room] !== undefined);

test('[R-MAIL] an external invited by address signs up from the mail, is invited, talks; nothing else', async () => {
  const room = await openRoom();
  const address = newPartner();
  await inviteAddress(alice, room, address);
  const [offer] = await offersOf(room);
  expect(offer?.content).toMatchObject({ public_keys: [{ public_key: offer?.content.public_key }] });
  expect(JSON.stringify(offer)).not.toContain(address.split('@')[0]);
  const mail = await mailTo(t.server, address);
  expect(mail.text.indexOf('vous invite')).toBeLessThan(mail.text.indexOf('invites you'));
  const partner = await signUpAfter(address);
  await invitedTo(partner, room);
  await partner.join(room);
  const member = await alice.getState(room, 'm.room.member', partner.id);
  expect(member.membership).toBe('join');
  await partner.send(
    room,
    { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', session_id: 's' },
    'm.room.encrypted',
  );
  await partner.call('POST', '/v3/createRoom', { body: {}, expect: [403, 'M_FORBIDDEN'] });
});

test('[R-MAIL] an address that has an account is invited directly, and the answer is the same', async () => {
  const bob = await newAgent(t.server, 'bob');
  const { threepids } = await bob.get('/v3/account/3pid');
  const room = await alice.createRoom({});
  const known = await inviteAddress(alice, room, threepids[0].address);
  const unknown = await inviteAddress(alice, room, newAddress('nobody'));
  expect(known.text).toBe(unknown.text);
  await invitedTo(bob, room);
  expect((await offersOf(room)).length).toBe(1);
});

test('[R-MAIL] a restricted room and a forum refuse external addresses, with the reason', async () => {
  const room = await alice.createRoom({});
  const forum = await alice.createRoom({ visibility: 'public' });
  for (const [id, reason] of [
    [room, 'external_restricted_room'],
    [forum, 'external_forum'],
  ] as const) {
    const answer = await inviteAddress(alice, id, newPartner(), [403, 'M_FORBIDDEN']);
    expect(answer.body['org.chappe.reason']).toBe(reason);
  }
  const partner = await newExternal(t.server);
  const refused = await inviteAddress(alice, room, `${partner.localpart}@partner.example`, [
    403,
    'M_FORBIDDEN',
  ]);
  expect(refused.body['org.chappe.reason']).toBe('external_restricted_room');
  // The client proposes to open it.
  await alice.setState(room, ACCESS, { rule: 'unrestricted', visibility: 'private' });
  await inviteAddress(alice, room, newPartner());
});

test('[R-MAIL] an agent who has no account yet comes into a restricted room', async () => {
  const room = await alice.createRoom({});
  const address = newAddress('bientot');
  await inviteAddress(alice, room, address);
  const agent = await signUpAfter(address);
  await invitedTo(agent, room);
  await agent.join(room);
});

test('[R-MAIL] asked again while one waits: neither a second offer nor a second mail', async () => {
  const room = await openRoom();
  const address = newPartner();
  await inviteAddress(alice, room, address);
  await inviteAddress(alice, room, address.toUpperCase());
  await mailTo(t.server, address);
  expect((await offersOf(room)).length).toBe(1);
  expect((await mailsOf(t.server)).filter((m) => m.to === address).length).toBe(1);
});

test('[R-MAIL] createRoom invites addresses; a direct room with an external by mail', async () => {
  const bob = await newAgent(t.server, 'bob');
  const { threepids } = await bob.get('/v3/account/3pid');
  const email = (address: string) => ({ medium: 'email', address, id_server: 'x', id_access_token: 'x' });
  const group = await openRoom({ invite_3pid: [email(threepids[0].address), email(newPartner())] });
  await invitedTo(bob, group);
  expect((await offersOf(group)).length).toBe(1);

  const address = newPartner();
  const direct = await alice.createRoom({
    is_direct: true,
    preset: 'trusted_private_chat',
    invite_3pid: [email(address)],
  });
  const full = await alice.call('POST', path`/v3/rooms/${direct}/invite`, {
    body: { user_id: bob.id },
    expect: [403, 'M_FORBIDDEN'],
  });
  expect(full.body['org.chappe.reason']).toBe('direct_full');
  const again = await inviteAddress(alice, direct, newPartner(), [403, 'M_FORBIDDEN']);
  expect(again.body['org.chappe.reason']).toBe('direct_full');
  const partner = await signUpAfter(address);
  const invited = await invitedTo(partner, direct);
  const events: Event[] = invited.rooms.invite[direct].invite_state.events;
  expect(events.find((e) => e.state_key === partner.id)?.content.is_direct).toBe(true);
  await partner.join(direct);
  const refused = { invite_3pid: [email(newPartner())] };
  await alice.call('POST', '/v3/createRoom', { body: refused, expect: [403, 'M_FORBIDDEN'] });
});

test('[R-MAIL] [ACC-12] an invitation taken back in the room lets nobody in', async () => {
  const room = await openRoom();
  const address = newPartner();
  await inviteAddress(alice, room, address);
  const [offer] = await offersOf(room);
  await alice.setState(room, OFFER, {}, offer?.state_key);
  expect(await offersOf(room)).toEqual([]);
  await askMail(t.server, address, { expect: [403, 'M_THREEPID_DENIED'] });
  await inviteAddress(alice, room, address);
  await invitedTo(await signUpAfter(address, 2), room);
});

test('[R-MAIL] [ACC-12] nor does one that was redacted', async () => {
  const room = await openRoom();
  const address = newPartner();
  await inviteAddress(alice, room, address);
  const [offer] = await offersOf(room);
  await alice.redact(room, offer?.event_id ?? '');
  await askMail(t.server, address, { expect: [403, 'M_THREEPID_DENIED'] });
});

test('[R-MAIL] several rooms wait; one whose inviter left lets nobody in; a restart forgets nothing', async () => {
  const bob = await newAgent(t.server, 'bob');
  const first = await openRoom();
  const second = await openRoom();
  const bobs = await bob.createRoom({ initial_state: [accessRule('unrestricted')] });
  const address = newPartner();
  await inviteAddress(alice, first, address);
  await inviteAddress(bob, bobs, address);
  await inviteAddress(alice, second, address);
  await bob.leave(bobs);
  await t.server.restart('SIGKILL');
  const partner = await signUpAfter(address, 3);
  await invitedTo(partner, first);
  await invitedTo(partner, second);
  await t.server.restart('SIGKILL');
  const sync = await partner.sync();
  expect(Object.keys(sync.rooms.invite).sort()).toEqual([first, second].sort());
});

test('[R-MAIL] [ACC-06] [ACL-06] who blocks invitations, is in the room or banned has no account, by the answer', async () => {
  const address = async (user: User): Promise<string> =>
    (await user.get('/v3/account/3pid')).threepids[0].address;
  const [shy, inside, out] = [
    await newAgent(t.server, 'shy'),
    await newAgent(t.server, 'inside'),
    await newAgent(t.server, 'out'),
  ];
  await shy.put(path`/v3/user/${shy.id}/account_data/m.invite_permission_config`, {
    default_action: 'block',
  });
  const room = await alice.createRoom({});
  await alice.invite(room, inside.id);
  await inside.join(room);
  await alice.ban(room, out.id);
  const unknown = await inviteAddress(alice, room, newAddress('nobody'));
  for (const user of [shy, inside, out]) {
    const answer = await inviteAddress(alice, room, await address(user));
    expect(answer.text).toBe(unknown.text);
  }
  // The room shows the same of all, and nobody is mailed or invited.
  expect((await offersOf(room)).length).toBe(4);
  for (const user of [shy, inside, out]) {
    const own = await address(user);
    expect((await mailsOf(t.server)).filter((m) => m.to === own).length).toBe(1); // of the sign-up
    expect((await user.sync()).rooms?.invite?.[room]).toBeUndefined();
  }
  const member = await alice.getState(room, 'm.room.member', inside.id);
  expect(member.membership).toBe('join');
  // The same by createRoom; and who may not invite is refused in the same words.
  const email = { medium: 'email', id_server: 'x', id_access_token: 'x' };
  await alice.createRoom({ invite_3pid: [{ ...email, address: await address(shy) }] });
  const refused = await inviteAddress(inside, room, await address(shy), [403, 'M_FORBIDDEN']);
  const as_well = await inviteAddress(inside, room, newAddress('nobody'), [403, 'M_FORBIDDEN']);
  expect(refused.text).toBe(as_well.text);
});

test('[R-MAIL] [ACC-17] what waits for the address of an account that is closed waits for nobody after it', async () => {
  const address = newAddress('parti');
  const shy = await signUp(t.server, address);
  await shy.put(path`/v3/user/${shy.id}/account_data/m.invite_permission_config`, {
    default_action: 'block',
  });
  const room = await alice.createRoom({});
  await inviteAddress(alice, room, address);
  expect((await offersOf(room)).length).toBe(1);
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: shy.id },
    password: PASSWORD,
  };
  await shy.post('/v3/account/deactivate', { auth });
  await expect.poll(() => offersOf(room), { timeout: 10_000 }).toEqual([]);
  const next = new User(
    t.api,
    (await registerWith(t.server, await prove(t.server, address, { nth: 2 }))).body,
  );
  expect((await next.sync()).rooms?.invite?.[room]).toBeUndefined();
  await next.join(room, { expect: [403, 'M_FORBIDDEN'] });
});

test('[R-MAIL] [R-UPGRADE] an address that was invited into a room comes into the one that replaced it', async () => {
  for (const version of ['11', '12']) {
    const old = await openRoom({ room_version: version });
    const bob = await newAgent(t.server, 'bob');
    await alice.invite(old, bob.id);
    await bob.join(old);
    await alice.powerLevels(old, (levels) => {
      levels.users = { ...levels.users, [bob.id]: 50 };
    });
    const [address, revoked] = [newPartner(), newPartner()];
    // Its inviter is not the one who upgrades, and is not in the new room.
    await inviteAddress(bob, old, address);
    const [waiting] = await offersOf(old);
    await inviteAddress(alice, old, revoked);
    const back = (await offersOf(old)).find((e) => e.state_key !== waiting?.state_key);
    await alice.setState(old, OFFER, {}, back?.state_key);
    const { replacement_room: next } = await alice.post(path`/v3/rooms/${old}/upgrade`, {
      new_version: version,
    });
    expect((await offersOf(next)).map((e) => e.state_key)).toEqual([waiting?.state_key]);
    await askMail(t.server, revoked, { expect: [403, 'M_THREEPID_DENIED'] });
    const partner = await signUpAfter(address);
    const sync = await invitedTo(partner, next);
    expect(sync.rooms.invite[old]).toBeUndefined();
    await partner.join(next);
  }
});

test('[R-MAIL] [ACC-09] the mail of an invitation leads to sign-up, with the address filled in', async () => {
  const room = await openRoom();
  const address = newPartner();
  await inviteAddress(alice, room, address.toUpperCase());
  const mail = await mailTo(t.server, address);
  expect(mail.link).toBe(`${t.server.url}/#/inscription/${address}`);
  expect(mail.html).toContain(`href="${mail.link}"`);
});

test('[R-MAIL] [ACC-01] what is no address, another medium, and who may not invite', async () => {
  const room = await openRoom();
  await inviteAddress(alice, room, 'x@evil.example@interieur.example', [400, 'M_INVALID_EMAIL']);
  await alice.call('POST', path`/v3/rooms/${room}/invite`, {
    body: { medium: 'msisdn', address: '33612345678', id_server: 'x', id_access_token: 'x' },
    expect: [400, 'M_INVALID_PARAM'],
  });
  const bob = await newAgent(t.server, 'bob');
  await inviteAddress(bob, room, newPartner(), [403, 'M_FORBIDDEN']);
  await alice.invite(room, bob.id);
  await bob.join(room);
  await inviteAddress(bob, room, newPartner(), [403, 'M_FORBIDDEN']);
  const partner = await newExternal(t.server);
  await alice.invite(room, partner.id);
  await partner.join(room);
  const refused = await inviteAddress(partner, room, newPartner(), [403, 'M_FORBIDDEN']);
  expect(refused.body['org.chappe.reason']).toBe('external_invite');
});
