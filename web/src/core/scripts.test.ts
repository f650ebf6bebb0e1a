// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { ownScript, scriptUrl } from './scripts.ts';

test('[WEB-05] scripts beside the page are files of this client, by their path and nothing else', () => {
  expect(scriptUrl('/sw.js')).toBe('/sw.js');
  expect(ownScript('/assets/search-Bq3_x-9a.js')).toBe('/assets/search-Bq3_x-9a.js');
  for (const foreign of [
    'https://evil.example/sw.js',
    '//evil.example/assets/a.js',
    '/sw.js?import=evil',
    '/sw.js#x',
    '/assets/../_matrix/media/v3/download/a/b.js',
    '/_matrix/client/v1/media/download/a/b',
    'blob:https://own.invalid/1',
    'data:text/javascript,1',
  ])
    expect(() => ownScript(foreign), foreign).toThrow(TypeError);
});
