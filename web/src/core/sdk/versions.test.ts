// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { MemoryVault } from '../vault.ts';
import { withLastVersions } from './versions.ts';

const VERSIONS = 'https://own.example/_matrix/client/versions';

const read = async (answer: Response) => ((await answer.json()) as { versions: string[] }).versions[0];

test('[UX-5] the last visit’s answer serves once without a network; all later questions reach the server', async () => {
  const vault = new MemoryVault();
  let up = true;
  const asked: string[] = [];
  const send = async (input: RequestInfo | URL) => {
    asked.push(String(input));
    if (!up) throw new TypeError('no network');
    return Response.json({ versions: [`v1.${asked.length}`] });
  };

  const first = await withLastVersions(send, vault);
  expect(await read(await first(VERSIONS))).toBe('v1.1');
  up = false;
  const second = await withLastVersions(send, vault);
  expect(await read(await second(VERSIONS))).toBe('v1.1');
  await expect(second(VERSIONS)).rejects.toThrow('no network');
  await expect(second('https://own.example/_matrix/client/v3/sync')).rejects.toThrow('no network');
  up = true;
  const third = await withLastVersions(send, vault);
  expect(await read(await third(VERSIONS))).toBe('v1.1');
  await expect.poll(() => vault.kept.get('versions')).toContain('v1.5');
});
