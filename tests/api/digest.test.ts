// SPDX-License-Identifier: EUPL-1.2
// Mails about unread messages: docs/design/digest.md.
import { rename, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { type Mail, mailsOf, mailTo } from './src/mail.ts';
import { accessRule, newExternal } from './src/people.ts';
import { newAddress, signUp } from './src/signup.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, type User, unique } from './src/user.ts';

const t = stage({
  set: { 'registration.mode': 'email', 'mail.digest_after': '2s', 'accounts.validity': '90d' },
});
const SWITCH = 'org.chappe.mail_digest';
const STOP = '/_matrix/client/unstable/org.chappe/mail_digest/stop';

const agent = async (name: string) => {
  const address = newAddress(name);
  return { address, user: await signUp(t.server, address) };
};
const digestsTo = async (address: string): Promise<Mail[]> =>
  (await mailsOf(t.server)).filter((mail) => mail.to === address && mail.headers.has('list-unsubscribe'));
/** The background looks at everybody when something wakes it: here, a change of name. */
const wake = async (user: User) => {
  await user.put(path`/v3/profile/${user.id}/avatar_url`, { avatar_url: `mxc://localhost/a${Date.now()}` });
};
const digestTo = async (address: string, waker: User): Promise<Mail> => {
  await expect
    .poll(
      async () => {
        await wake(waker);
        return (await digestsTo(address)).length;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBeGreaterThan(0);
  return (await digestsTo(address))[0];
};
async function expire(user: User): Promise<void> {
  const [name, file] = [unique('admin'), `${t.server.dataDir}/password`];
  await writeFile(file, `${PASSWORD}\n`);
  await t.server.command('user', 'add', name, '--password-file', file, '--admin');
  const identifier = { type: 'm.id.user', user: name };
  const { body } = await t.api.call('POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.password', identifier, password: PASSWORD },
  });
  await t.api.call('POST', '/_synapse/client/email_account_validity/admin', {
    token: body.access_token,
    body: { user_id: user.id, expiration_ts: Date.now() - 1000, enable_renewal_emails: false },
  });
}
const switchTo = (user: User, content: object) =>
  user.put(path`/v3/user/${user.id}/account_data/${SWITCH}`, content);

test('[DIGEST] who is away is told how many messages wait, of which kinds of room, and nothing else', async () => {
  const [alice, bob] = [await agent('writer'), await agent('reader')];
  const [off, closed, guest] = [await agent('off'), await agent('closed'), await newExternal(t.server)];
  const over = await agent('over');
  const secret = await alice.user.createRoom({
    name: 'Projet Hermine',
    initial_state: [accessRule('unrestricted')],
  });
  const direct = await alice.user.createRoom({ is_direct: true, preset: 'trusted_private_chat' });
  const forum = await alice.user.createRoom({ visibility: 'public', name: 'Forum des chats' });
  const others = [bob.user, off.user, closed.user, over.user, guest];
  for (const other of others) {
    await alice.user.invite(secret, other.id);
    await other.join(secret);
  }
  await alice.user.invite(direct, bob.user.id);
  await bob.user.join(direct);
  await bob.user.join(forum);
  // Neither a closed account nor one past its end is mailed anything.
  await expire(over.user);
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: closed.user.id },
    password: PASSWORD,
  };
  await closed.user.post('/v3/account/deactivate', { auth });
  // The others are not told of some of the messages while the rest are sent.
  await Promise.all([bob.user, guest, off.user].map((user) => switchTo(user, { enabled: false })));
  const cipher = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgAEnACgAkLmt6q', session_id: 's' };
  for (let i = 0; i < 3; i++) await alice.user.send(secret, cipher, 'm.room.encrypted');
  await alice.user.send(direct, cipher, 'm.room.encrypted');
  await alice.user.send(forum, 'un message que le courriel ne dit pas', 'm.room.message');
  const sent = Date.now();
  await expect.poll(() => Date.now() - sent, { timeout: 30_000 }).toBeGreaterThan(3000);
  await Promise.all([bob.user, guest].map((user) => switchTo(user, { enabled: true })));

  const mail = await digestTo(bob.address, alice.user);
  expect(mail.text).toContain('1 message dans 1 conversation directe');
  expect(mail.text).toContain('3 messages dans 1 salon privé');
  expect(mail.text).toContain('1 message in 1 direct conversation');
  expect(mail.text.indexOf('Bonjour')).toBeLessThan(mail.text.indexOf('Hello'));
  expect(mail.html).toContain('3 messages dans 1 salon privé');
  const all = mail.raw + mail.text + mail.html + mail.subject;
  for (const untold of ['Hermine', 'chats', 'le courriel ne dit pas', 'Writer', 'AwgA'])
    expect(all).not.toContain(untold);
  expect(mail.link).toBe(`${t.server.url}/`);
  // An external has a digest too.
  expect((await digestTo(`${guest.localpart}@partner.example`, alice.user)).text).toContain('3 messages');
  // Not who switched them off, nor whose account is closed, nor who reads: and not twice for the same.
  await wake(alice.user);
  for (const address of [off.address, closed.address, over.address, alice.address])
    expect(await digestsTo(address)).toEqual([]);
  expect((await digestsTo(bob.address)).length).toBe(1);
});

test('[DIGEST] what comes after a digest is told by another one, and what came before is counted again', async () => {
  const [alice, bob] = [await agent('writer'), await agent('reader')];
  const room = await alice.user.createRoom({});
  await alice.user.invite(room, bob.user.id);
  await bob.user.join(room);
  const cipher = { algorithm: 'a', ciphertext: 'x', session_id: 's' };
  await alice.user.send(room, cipher, 'm.room.encrypted');
  await digestTo(bob.address, alice.user);
  await alice.user.send(room, cipher, 'm.room.encrypted');
  await expect
    .poll(
      async () => {
        await wake(alice.user);
        return (await digestsTo(bob.address)).at(-1)?.text;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toContain('2 messages dans 1 salon privé');
  expect((await digestsTo(bob.address)).length).toBe(2);
});

test('[DIGEST] invitations that nobody answered are counted, but for those that one does not want', async () => {
  const [alice, bob, loud] = [await agent('writer'), await agent('reader'), await agent('loud')];
  const [shy, waker] = [await agent('shy'), await agent('waker')];
  for (const { user } of [bob, shy]) await switchTo(user, { enabled: false });
  await bob.user.put(path`/v3/user/${bob.user.id}/account_data/m.ignored_user_list`, {
    ignored_users: { [loud.user.id]: {} },
  });
  for (const [inviter, invited] of [
    [alice, bob],
    [alice, bob],
    [loud, bob],
    [alice, shy],
  ])
    await inviter.user.invite(await inviter.user.createRoom({ name: 'Projet Hermine' }), invited.user.id);
  await shy.user.put(path`/v3/user/${shy.user.id}/account_data/m.invite_permission_config`, {
    default_action: 'block',
  });
  const invited = Date.now();
  await expect.poll(() => Date.now() - invited, { timeout: 30_000 }).toBeGreaterThan(3000);
  for (const { user } of [bob, shy]) await switchTo(user, { enabled: true });
  const mail = await digestTo(bob.address, waker.user);
  expect(mail.text).toContain('Invitations en attente de votre réponse : 2.');
  expect(mail.text).toContain('Invitations waiting for your answer: 2.');
  expect(mail.text).not.toContain('non lus');
  expect(mail.text + mail.html + mail.subject).not.toContain('Hermine');
  // A third is news.
  await alice.user.invite(await alice.user.createRoom({}), bob.user.id);
  await expect
    .poll(
      async () => {
        await wake(waker.user);
        return (await digestsTo(bob.address)).at(-1)?.text;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toContain('Invitations en attente de votre réponse : 3.');
  expect((await digestsTo(bob.address)).length).toBe(2);
  expect(await digestsTo(shy.address)).toEqual([]);
});

test('[DIGEST] one that could not leave in time is none: what it would have told is told when mails leave', async () => {
  // Who wakes the background is in no room of theirs: nothing comes after the message.
  const [alice, bob, waker] = [await agent('writer'), await agent('reader'), await agent('waker')];
  const room = await alice.user.createRoom({});
  await alice.user.invite(room, bob.user.id);
  await bob.user.join(room);
  const [mails, away] = [`${t.server.dataDir}/mail`, `${t.server.dataDir}/mail.away`];
  await rename(mails, away);
  try {
    await alice.user.send(room, { algorithm: 'a', ciphertext: 'x', session_id: 's' }, 'm.room.encrypted');
    await expect
      .poll(
        async () => {
          await wake(waker.user);
          return t.server.log;
        },
        { timeout: 60_000, interval: 300 },
      )
      .toContain('mail_too_old');
  } finally {
    await rename(away, mails);
  }
  expect((await digestTo(bob.address, waker.user)).text).toContain('1 message dans 1 salon privé');
  // Nor is a change of somebody's picture, of which there is one each time, worth another.
  const told = Date.now();
  await expect
    .poll(
      async () => {
        await wake(alice.user);
        return Date.now() - told;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBeGreaterThan(9000);
  expect((await digestsTo(bob.address)).length).toBe(1);
}, 120_000);

test('[DIGEST] a link stops them: opened as often as one likes it changes nothing, pressed it does', async () => {
  const [alice, bob, carol] = [await agent('writer'), await agent('reader'), await agent('clicker')];
  const room = await alice.user.createRoom({});
  for (const other of [bob.user, carol.user]) {
    await alice.user.invite(room, other.id);
    await other.join(room);
  }
  await alice.user.send(room, { algorithm: 'a', ciphertext: 'x', session_id: 's' }, 'm.room.encrypted');
  const mail = await digestTo(bob.address, alice.user);
  const link = /<([^>]+)>/.exec(mail.headers.get('list-unsubscribe') ?? '')?.[1] ?? '';
  expect(mail.text).toContain(link);
  expect(mail.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  const url = new URL(link);
  expect(url.pathname).toBe(STOP);
  const token = url.searchParams.get('token') ?? '';
  const data = (user: User) => user.get(path`/v3/user/${user.id}/account_data/${SWITCH}`, { expect: 'any' });
  for (let i = 0; i < 3; i++) {
    const page = await t.api.call('GET', STOP, { query: { token } });
    expect(page.text).toContain('<form method="post"');
    expect(page.text).toContain('lang="fr"');
  }
  expect((await data(bob.user)).errcode).toBe('M_NOT_FOUND');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const pressed = await t.api.call('POST', STOP, { raw: `token=${token}`, headers: form });
  expect(pressed.text).toContain('Vous ne recevrez plus');
  expect(await data(bob.user)).toEqual({ enabled: false });
  // One click of a mail program posts to the link itself (RFC 8058).
  const other = await digestTo(carol.address, alice.user);
  const clicked = new URL(/<([^>]+)>/.exec(other.headers.get('list-unsubscribe') ?? '')?.[1] ?? '');
  await t.api.call('POST', STOP, {
    query: { token: clicked.searchParams.get('token') ?? '' },
    raw: 'List-Unsubscribe=One-Click',
    headers: form,
  });
  expect(await data(carol.user)).toEqual({ enabled: false });
  for (const wrong of ['', 'x'.repeat(32)]) {
    await t.api.call('GET', STOP, { query: { token: wrong }, expect: 404 });
    await t.api.call('POST', STOP, { query: { token: wrong }, headers: form, raw: '', expect: 404 });
  }
  await mailTo(t.server, bob.address);
});
