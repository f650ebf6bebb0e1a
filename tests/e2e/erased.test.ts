// SPDX-License-Identifier: EUPL-1.2
// What the server erases because its time is over goes from the device that has read it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Appservice } from '../api/src/appservice.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive } from './src/steps.ts';
import { composer, talk } from './src/talk.ts';

const DAY = 86_400_000;
const WAIT = { timeout: 60_000 };
// Whose messages bear the dates it says.
const historian = new Appservice({ sender: 'archiviste' });
const directory = await mkdtemp(join(tmpdir(), 'chappe-erased-'));
const stage = onStage({
  set: {
    appservices: await historian.write(directory, { url: null }),
    retention: 'on',
    'retention.allowed.min': '0',
    'retention.interval': '100ms',
  },
});
afterAll(() => rm(directory, { recursive: true }));

async function ask(method: string, path: string, body?: object) {
  const answer = await fetch(`${stage.program.url}/_matrix/client/v3${path}`, {
    method,
    headers: { Authorization: `Bearer ${historian.asToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

test('[ADM-08] a message that the server has erased is found no more on the device that has read it', async () => {
  const { page } = await stage.person();
  const name = newName('camille');
  await arrive(page, name);
  const me = (await ask('GET', '/account/whoami')).body.user_id ?? '';
  const made = await ask('POST', '/createRoom', {
    preset: 'private_chat',
    name: 'Archives',
    invite: [`@${name}${me.slice(me.indexOf(':'))}`],
  });
  const room = `/rooms/${encodeURIComponent(made.body.room_id ?? '')}`;
  await page.getByRole('link', { name: /Archives/ }).click();
  await page.getByRole('button', { name: 'Rejoindre' }).click();
  await composer(page).waitFor();
  const send = async (body: string, age: number) =>
    ask('PUT', `${room}/send/m.room.message/${age}?ts=${Date.now() - age}`, { msgtype: 'm.text', body });
  const old = (await send('vieux dirigeable', 30 * DAY)).body.event_id ?? '';
  await send('jeune dirigeable', DAY);
  await talk(page).getByText('jeune dirigeable').waitFor();

  const found = page.getByRole('group', { name: 'Messages et fichiers' }).getByRole('option');
  const look = async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Personne, conversation, message' }).fill('dirigeable');
  };
  await look();
  await expect.poll(() => found.count(), WAIT).toBe(2);

  await ask('PUT', `${room}/state/m.room.retention`, { max_lifetime: 7 * DAY });
  const gone = async () => (await ask('GET', `${room}/event/${encodeURIComponent(old)}`)).status;
  await expect.poll(gone, WAIT).toBe(404);
  // Looked for at the beginning of each visit, and some times a day.
  await page.reload();
  await composer(page).waitFor();
  await look();
  await expect.poll(() => found.count(), WAIT).toBe(1);
  await found.filter({ hasText: 'jeune dirigeable' }).waitFor();
});
