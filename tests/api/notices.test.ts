// SPDX-License-Identifier: EUPL-1.2
// Client-server API, "Server Notices": what the operator says, with `chappe notice`.
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { path } from './src/http.ts';
import { newAgent } from './src/people.ts';
import { Server } from './src/server.ts';
import type { Any } from './src/spec.ts';
import { type Stage, stage } from './src/stage.ts';
import { PASSWORD, register, timelineOf, User } from './src/user.ts';

const REFUSED: [number, string] = [403, 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM'];

async function tell(t: Pick<Stage, 'server'>, who: string, text: string): Promise<Map<string, string>> {
  const file = `${t.server.dataDir}/notice.txt`;
  await writeFile(file, text);
  const lines = (await t.server.command('notice', who, '--file', file)).trim().split('\n');
  return new Map(lines.map((line) => line.split('\t') as [string, string]));
}
const tell1 = async (t: Stage, user: User, text: string): Promise<string> =>
  (await tell(t, user.localpart, text)).get(user.id) ?? '';
const noticesOf = (sync: Any, room: string) =>
  timelineOf(sync, room).filter((e) => e.content.msgtype === 'm.server_notice');

describe('plain Matrix', () => {
  const t = stage();

  test('nobody signs up under the name that notices come from', async () => {
    const taken = await register(t.api, { username: 'annonces', password: PASSWORD }, [400, 'M_EXCLUSIVE']);
    expect(taken.body.user_id).toBeUndefined();
    await t.api.call('GET', '/_matrix/client/v3/register/available', {
      query: { username: 'annonces' },
      expect: [400, 'M_EXCLUSIVE'],
    });
  });

  test('[R22] one room a user, tagged, that is an invitation which cannot be refused', async () => {
    const alice = await t.user('alice');
    const since = (await alice.sync()).next_batch;
    const room = await tell1(t, alice, 'Arrêt du service à 20 h.\n');
    const invited = await alice.syncUntil((s) => s.rooms?.invite?.[room] !== undefined, { since });
    const state: Any[] = invited.rooms.invite[room].invite_state.events;
    expect(state.find((e) => e.type === 'm.room.name')?.content.name).toBe('Annonces du service');
    await alice.leave(room, { expect: REFUSED });
    await alice.setState(room, 'm.room.member', { membership: 'leave' }, alice.id, { expect: REFUSED });
    await alice.join(room);
    const joined = await alice.sync();
    expect(noticesOf(joined, room).map((e) => e.content)).toEqual([
      {
        msgtype: 'm.server_notice',
        body: 'Arrêt du service à 20 h.',
        server_notice_type: 'org.chappe.notice',
      },
    ]);
    expect(noticesOf(joined, room)[0].sender).toBe(`@annonces:${alice.domain}`);
    const tags = joined.rooms.join[room].account_data.events.find((e: Any) => e.type === 'm.tag');
    expect(tags.content).toEqual({ tags: { 'm.server_notice': {} } });
    // Nobody else speaks or invites there.
    const text = { msgtype: 'm.text', body: 'et moi ?' };
    const at = path`/v3/rooms/${room}/send/m.room.message/${alice.transaction()}`;
    await alice.put(at, text, { expect: [403, 'M_FORBIDDEN'] });
    await alice.invite(room, (await t.user('bob')).id, { expect: [403, 'M_FORBIDDEN'] });
    // The same room again; who has left is invited again.
    expect(await tell1(t, alice, 'Encore')).toBe(room);
    await alice.leave(room);
    expect(await tell1(t, alice, 'De retour')).toBe(room);
    expect((await alice.sync()).rooms.invite[room]).toBeDefined();
    await alice.leave(room, { expect: REFUSED });
  });

  test('who closes their account leaves it all the same, and who blocks invitations is told', async () => {
    const alice = await t.user('alice');
    await alice.accountData('m.invite_permission_config', { default_action: 'block' });
    const room = await tell1(t, alice, 'Important');
    expect(room).toMatch(/^!/);
    await alice.withPassword('POST', '/v3/account/deactivate', {});
    // Accounts that are closed leave their rooms in turn: once this one has, that one has been tried.
    const [bob, carol] = await t.users('bob', 'carol');
    const other = await carol.roomWith([bob]);
    const since = (await carol.sync()).next_batch;
    const left = carol.syncUntil(
      (s) => timelineOf(s, other).some((e) => e.state_key === bob.id && e.content.membership === 'leave'),
      { since },
    );
    await bob.withPassword('POST', '/v3/account/deactivate', {});
    await left;
    expect(t.server.log).not.toContain('closed_account_stays');
  });

  test('everybody is told once, and only who can read it', async () => {
    const [alice, bob, locked] = await t.users('alice', 'bob', 'locked');
    await t.server.command('user', 'lock', locked.localpart);
    const told = await tell(t, '--all', 'À tous');
    expect(told.get(alice.id)).toMatch(/^!/);
    expect(told.get(bob.id)).toMatch(/^!/);
    expect(told.has(locked.id)).toBe(false);
    expect(told.has(`@annonces:${alice.domain}`)).toBe(false);
    expect(Object.keys((await bob.sync()).rooms.invite)).toContain(told.get(bob.id));
  });

  test('wrong words are said', async () => {
    await expect(tell(t, 'nobody', 'x')).rejects.toThrow(/No account is named/);
    await expect(tell(t, '--all', '\n')).rejects.toThrow(/empty/);
    await expect(t.server.command('notice', 'alice')).rejects.toThrow(/--file FILE/);
  });
});

describe('a name that is taken', () => {
  test('is not spoken for', async () => {
    const before = await Server.start();
    const alice = await User.register(before.api, 'alice', { username: 'occupe' });
    await before.stop();
    const { dataDir, database } = before;
    const server = await Server.start({ dataDir, database, set: { 'notices.localpart': 'occupe' } });
    await expect(tell({ server }, alice.localpart, 'x')).rejects.toThrow(/@occupe is somebody's name/);
    await server.stop();
    await before.dispose();
  });
});

describe('the rooms of an administration', () => {
  const t = stage({ set: { 'registration.mode': 'email' } });

  test('an announcement comes in clear where rooms are encrypted', async () => {
    const agent = await newAgent(t.server, 'notices');
    const room = await tell1(t, agent, 'Bonjour');
    await agent.join(room);
    const state = await agent.allState(room);
    expect(state.some((e) => e.type === 'm.room.encryption')).toBe(false);
    expect(noticesOf(await agent.sync(), room)).toHaveLength(1);
  });
});
