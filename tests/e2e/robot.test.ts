// SPDX-License-Identifier: EUPL-1.2
// A client that knows no confirming of devices, and shares no line with ours: it is talked with, encrypted, in
// both directions, and what it says is marked.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../api/src/paths.ts';
import { call, tokenOf } from './src/api.ts';
import { newName, onStage, PASSWORD } from './src/stage.ts';
import { arrive, begin, signIn } from './src/steps.ts';
import { composer, say, talk } from './src/talk.ts';

const PYTHON = '/usr/bin/python3';
const HAS_NIO = 'from nio.crypto import ENCRYPTION_ENABLED as has; raise SystemExit(0 if has else 1)';
const hasNio = spawnSync(PYTHON, ['-c', HAS_NIO]).status === 0;
const stage = onStage();
const directory = await mkdtemp(join(tmpdir(), 'chappe-robot-'));
let robot: ChildProcess | undefined;
afterAll(async () => {
  robot?.kill();
  await rm(directory, { recursive: true });
});

/** An account of that name, and the robot at it, once it has its keys. */
async function startRobot(name: string): Promise<void> {
  const made = await call(stage, undefined, 'POST', '/register', {
    username: name,
    password: PASSWORD,
    inhibit_login: true,
    auth: { type: 'm.login.dummy' },
  });
  expect(made.status).toBe(200);
  const words = [`${ROOT}/tests/nio/robot.py`, stage.program.url, name, PASSWORD, join(directory, 'store')];
  // Of a first try: it would outlive the tests, which wait for it.
  robot?.kill();
  robot = spawn(PYTHON, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  robot.stderr!.on('data', (bytes) => (said += bytes));
  robot.once('exit', (code, signal) => {
    if (code) console.error(`the robot has ended with ${code ?? signal}: ${said}`);
  });
  const lines = createInterface({ input: robot.stdout! });
  for await (const line of lines) if (line === 'ready') return;
  throw new Error('the robot has ended');
}

test.skipIf(!hasNio)('a robot whose client confirms no device is read by, and reads, who does', async () => {
  const { page } = await stage.person();
  const camille = newName('camille');
  await arrive(page, camille);
  // matrix-nio takes no member of a room without a name.
  const token = await tokenOf(stage, camille);
  await call(stage, token, 'PUT', `/profile/@${camille}:localhost/displayname`, { displayname: 'Camille' });
  const name = newName('robot');
  await startRobot(name);
  await begin(page, 'Écrire à un collègue');
  await page.getByLabel('Nom, ministère ou identifiant').fill(name);
  await page.getByRole('button', { name: /^Écrire à Robot/ }).click();
  await composer(page).waitFor();
  await talk(page).getByText('Robot a rejoint la conversation').waitFor();
  await say(page, 'bonjour robot');
  const answer = talk(page).getByRole('listitem').filter({ hasText: 'lu : bonjour robot' });
  await answer.getByText('Appareil non confirmé').waitFor();
  await say(page, 'encore');
  await talk(page).getByText('lu : encore').waitFor();

  // It opens nobody else's account: a device that its owner has not confirmed gets no key here either.
  const second = await stage.person();
  await signIn(second.page, camille);
  await second.page.getByRole('button', { name: 'Plus tard' }).click();
  await second.page.getByRole('link', { name: /^Robot/ }).click();
  await composer(second.page).waitFor();
  await say(page, 'pour les confirmés et le robot');
  await talk(page).getByText('lu : pour les confirmés et le robot').waitFor();
  await talk(second.page).getByText('Il s’ouvrira quand vous aurez saisi votre code').first().waitFor();
  expect(await talk(second.page).getByText('pour les confirmés et le robot', { exact: true }).count()).toBe(
    0,
  );
});
