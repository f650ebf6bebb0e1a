// SPDX-License-Identifier: EUPL-1.2
// What no screen can draw: it stands for itself, and blanks nothing. Our server lets none of it in; others
// that rooms are shared with may, so it is put into what the page is answered.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { Appservice } from '../api/src/appservice.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive } from './src/steps.ts';
import { composer, say, talk } from './src/talk.ts';

const bridge = new Appservice({ sender: 'pont' });
const directory = await mkdtemp(join(tmpdir(), 'chappe-hostile-'));
const stage = onStage({ set: { appservices: await bridge.write(directory, { url: null }) } });
afterAll(() => rm(directory, { recursive: true }));

/** Later than any date can say. */
const NEVER = 9_000_000_000_000_000;
const SHAPES: readonly unknown[] = [{}, { toString: 1 }, ['a'], 7];

interface Event {
  content: { body?: string; 'm.relates_to'?: { key?: unknown } };
  origin_server_ts: number;
}

/** Reactions are of every shape, and one message of no time, in each answer of /sync. How many were spoilt. */
async function spoil(page: Page): Promise<() => number> {
  let spoilt = 0;
  await page.route('**/_matrix/client/v3/sync?*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const joined = Object.values<{ timeline: { events: Event[] } }>(body.rooms?.join ?? {});
    for (const event of joined.flatMap((room) => room.timeline.events)) {
      const relates = event.content['m.relates_to'];
      const shape = /^forme (\d)$/.exec(String(relates?.key));
      if (relates && shape) relates.key = SHAPES[Number(shape[1])];
      const never = event.content.body === 'jamais';
      if (never) event.origin_server_ts = NEVER;
      if (shape || never) spoilt++;
    }
    await route.fulfill({ response: answer, json: body });
  });
  return () => spoilt;
}

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
  const spoilt = await spoil(page);
  const name = newName('camille');
  await arrive(page, name);
  const { user_id: me } = await ask('GET', '/account/whoami');
  const { room_id: room } = await ask('POST', '/createRoom', {
    preset: 'private_chat',
    name: 'Pont',
    invite: [`@${name}${me?.slice(me.indexOf(':'))}`],
  });
  const send = (txn: string, type: string, content: object) =>
    ask('PUT', `/rooms/${encodeURIComponent(room ?? '')}/send/${type}/${txn}`, content);

  const { event_id: first } = await send('1', 'm.room.message', { msgtype: 'm.text', body: 'premier' });
  for (const [i, key] of [...SHAPES.map((_, shape) => `forme ${shape}`), '👍'].entries())
    await send(`r${i}`, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: first, key },
    });
  await send('2', 'm.room.message', { msgtype: 'constructor', body: 'sans genre' });
  await send('3', 'm.room.message', { msgtype: 'm.text', body: 'jamais' });

  await page.getByRole('link', { name: /Pont/ }).click();
  await page.getByRole('button', { name: 'Rejoindre' }).click();
  const read = async () => {
    for (const text of ['premier', 'sans genre', 'jamais']) await talk(page).getByText(text).waitFor();
    await talk(page).getByRole('button', { name: /^👍 1/ }).waitFor();
    await page.getByRole('link', { name: /Pont/ }).waitFor();
  };
  await read();
  expect(spoilt()).toBeGreaterThan(SHAPES.length);
  await say(page, 'toujours là');
  await talk(page).getByText('toujours là').waitFor();
  await page.reload();
  await composer(page).waitFor();
  await read();
  // The sync that waits now is answered by nobody.
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});
