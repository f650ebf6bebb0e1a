// SPDX-License-Identifier: EUPL-1.2
// What a member of a room can send that no screen can draw: it stands for itself, and blanks nothing. A
// bridge sends it, for that one may also say when.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Appservice } from '../api/src/appservice.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive } from './src/steps.ts';
import { composer, say, talk } from './src/talk.ts';

const bridge = new Appservice({ sender: 'pont' });
const directory = await mkdtemp(join(tmpdir(), 'chappe-hostile-'));
const stage = onStage({ set: { appservices: await bridge.write(directory, { url: null }) } });
afterAll(() => rm(directory, { recursive: true }));

/** Longer ago, or later, than any date can say. */
const NEVER = 9_000_000_000_000_000;

async function ask(method: string, path: string, body?: object): Promise<Record<string, string>> {
  const answer = await fetch(`${stage.program.url}/_matrix/client/v3${path}`, {
    method,
    headers: { Authorization: `Bearer ${bridge.asToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, string>;
}

test('a reaction and a moment of any shape blank neither the list nor the conversation, now or at the next visit', async () => {
  const { page } = await stage.person();
  const name = newName('camille');
  await arrive(page, name);
  const { user_id: me } = await ask('GET', '/account/whoami');
  const { room_id: room } = await ask('POST', '/createRoom', {
    preset: 'private_chat',
    name: 'Pont',
    invite: [`@${name}${me?.slice(me.indexOf(':'))}`],
  });
  const send = (txn: string, type: string, content: object, more = '') =>
    ask('PUT', `/rooms/${encodeURIComponent(room ?? '')}/send/${type}/${txn}${more}`, content);

  const { event_id: first } = await send('1', 'm.room.message', { msgtype: 'm.text', body: 'premier' });
  for (const [i, key] of [{}, { toString: 1 }, ['a'], 7, '👍'].entries())
    await send(`r${i}`, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: first, key },
    });
  await send('2', 'm.room.message', { msgtype: 'constructor', body: 'sans genre' });
  await send('3', 'm.room.message', { msgtype: 'm.text', body: 'jamais' }, `?ts=${NEVER}`);

  await page.getByRole('link', { name: /Pont/ }).click();
  await page.getByRole('button', { name: 'Rejoindre' }).click();
  const read = async () => {
    for (const text of ['premier', 'sans genre', 'jamais']) await talk(page).getByText(text).waitFor();
    await talk(page).getByRole('button', { name: /^👍 1/ }).waitFor();
    await page.getByRole('link', { name: /Pont/ }).waitFor();
  };
  await read();
  await say(page, 'toujours là');
  await talk(page).getByText('toujours là').waitFor();
  await page.reload();
  await composer(page).waitFor();
  await read();
});
