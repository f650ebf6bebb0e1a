// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from './failure.ts';
import type { Answer } from './http.ts';
import type { Sending } from './sending.ts';
import { Uploads } from './uploads.ts';

const LARGE = 1024 * 1024;
const good = (body: Answer['body']): Answer => ({ status: 200, body });

/** A server that keeps what it gets, and a line that is cut after so many bytes, once for each of `cuts`. */
function setUp({ resumable = true, cuts = [] as number[], forgetful = false } = {}) {
  const asked: string[] = [];
  const sent: { method: string; offset: number; bytes: number }[] = [];
  let kept = 0;
  let files = 0;
  let gone = false;
  const ask = async (path: string): Promise<Answer> => {
    asked.push(path);
    if (path.endsWith('/versions'))
      return good({ unstable_features: { 'org.chappe.resumable_upload': resumable } });
    if (path.endsWith('/create')) {
      gone = false;
      kept = 0;
      return good({ content_uri: `mxc://example.org/file${++files}` });
    }
    return gone ? { status: 404, body: { errcode: 'M_NOT_FOUND' } } : good({ offset: kept });
  };
  const send = async ({ method, url, body, onProgress }: Sending): Promise<Answer> => {
    const offset = Number(new URL(url, 'http://x').searchParams.get('offset'));
    sent.push({ method, offset, bytes: body.length });
    const cut = cuts.shift();
    if (cut !== undefined) {
      kept = offset + cut;
      gone = forgetful;
      throw new Failure('OFFLINE');
    }
    kept = offset + body.length;
    onProgress(1);
    return good({ content_uri: 'mxc://example.org/whole', complete: true, offset: kept });
  };
  const uploads = new Uploads({ homeserver: '', ask, send, pause: async () => {} });
  const bytes = new Uint8Array(LARGE);
  const progress: number[] = [];
  const stop = new AbortController();
  const put = (size = LARGE) =>
    uploads.put(
      { bytes: size === LARGE ? bytes : bytes.slice(0, size), type: 'application/octet-stream', name: '' },
      { onProgress: (part) => progress.push(part), signal: stop.signal },
    );
  return { put, asked, sent, progress, stop };
}

test('[UX-9] an upload that is cut goes on where it was', async () => {
  const { put, sent, progress } = setUp({ cuts: [300, 700] });
  expect(await put()).toBe('mxc://example.org/file1');
  expect(sent.map(({ offset }) => offset)).toEqual([0, 300, 1000]);
  expect(sent.at(-1)?.bytes).toBe(LARGE - 1000);
  expect(progress).toEqual([1]);
});

test('one that was given up goes on when it is tried again; one the server has forgotten begins anew', async () => {
  const { put, sent } = setUp({ cuts: [400, 0, 0, 0, 0, 0, 0, 0, 0] });
  await expect(put()).rejects.toMatchObject({ code: 'OFFLINE' });
  const before = sent.length;
  await put();
  expect(sent[before]?.offset).toBe(400);

  const other = setUp({ cuts: [400], forgetful: true });
  expect(await other.put()).toBe('mxc://example.org/file2');
  expect(other.sent.map(({ offset }) => offset)).toEqual([0, 0]);
});

test('small files, and servers that cannot go on, get it whole', async () => {
  for (const { size, resumable } of [
    { size: 10, resumable: true },
    { size: LARGE, resumable: false },
  ]) {
    const { put, sent } = setUp({ resumable });
    expect(await put(size)).toBe('mxc://example.org/whole');
    expect(sent).toEqual([{ method: 'POST', offset: 0, bytes: size }]);
  }
});

test('what is called off is not tried again', async () => {
  const { put, stop, sent } = setUp({ cuts: [1, 1, 1] });
  stop.abort();
  await expect(put()).rejects.toMatchObject({ code: 'ABORTED' });
  expect(sent).toHaveLength(1);
});
