// SPDX-License-Identifier: EUPL-1.2
// Pictures that attack who opens them, over HTTP: a child of the server meets them, never the server.
import { readdirSync, readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type CallOptions, path } from './src/http.ts';
import { gif, png, sizeOf } from './src/pictures.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const at = stage({ set: { 'media.max_size': '8 MiB', 'media.quota': '0' } });
const SMALL = { width: 32, height: 32 };

async function upload(user: User, raw: Uint8Array): Promise<string> {
  const headers = { 'content-type': 'image/png' };
  const answer = await user.api.call('POST', '/_matrix/media/v3/upload', {
    token: user.token,
    raw,
    headers,
  });
  return answer.body.content_uri;
}

function thumbnail(user: User, uri: string, query: CallOptions['query'], options: CallOptions = {}) {
  const [server, id] = uri.slice('mxc://'.length).split('/');
  const place = path`/_matrix/client/v1/media/thumbnail/${server}/${id}`;
  return user.api.call('GET', place, { token: user.token, query, ...options });
}

/** The decoders that are children of the server. */
function decoders(pid: number): string[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' '),
  );
  return children.filter((child) => {
    try {
      return child !== '' && readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('decode');
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

function pngWithChunk(name: string, body: Uint8Array): Buffer {
  const picture = png(40, 20);
  const head = 8 + 25;
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(name, 'latin1'), body, Buffer.alloc(4)]);
  chunk.writeUInt32BE(body.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return Buffer.concat([picture.subarray(0, head), chunk, picture.subarray(head)]);
}

test('[MED-04] what unpacks to more than can be is refused, or costs nothing', async () => {
  const user = await at.user('bomber');
  const tooLarge: CallOptions = { expect: [413, 'M_TOO_LARGE'] };
  await thumbnail(user, await upload(user, png(50_000, 50_000, false)), SMALL, tooLarge);
  // A hundred thousand pictures of one pixel stand still.
  const one = gif(1, 1);
  const two = gif(1, 2);
  const frame = two.subarray(one.length - 1, -1);
  const frames = Array(99_999).fill(frame);
  const many = Buffer.concat([one.subarray(0, -1), ...frames, one.subarray(-1)]);
  const still = await thumbnail(user, await upload(user, many), { ...SMALL, animated: true });
  expect(still.headers.get('content-type')).toBe('image/jpeg');
  // Profiles and texts of 64 MiB in 64 KiB are not unpacked.
  const packed = Buffer.concat([Buffer.from('name\0\0', 'latin1'), deflateSync(Buffer.alloc(64 << 20))]);
  for (const name of ['iCCP', 'zTXt']) {
    const answer = await thumbnail(user, await upload(user, pngWithChunk(name, packed)), SMALL);
    expect(sizeOf(answer.bytes)).toEqual([32, 16]);
  }
});

/** Numbers from a seed. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

test('[MED-06] pictures that were tampered with leave the server as it was', async () => {
  const user = await at.user('tamperer');
  const seeds = [png(30, 20), gif(20, 3), pngWithChunk('eXIf', Buffer.from('II*\0\x08\0\0\0', 'latin1'))];
  const random = numbers(7);
  const next = (below: number) => (random.next().value as number) % below;
  const told = new Map<number, number>();
  for (let i = 0; i < 80; i++) {
    let picture = Buffer.from(seeds[i % seeds.length]);
    for (let n = 1 + next(3); n > 0; n--) picture[12 + next(picture.length - 12)] ^= 1 << next(8);
    if (next(5) === 0) picture = picture.subarray(0, 13 + next(picture.length - 13));
    const query = { ...SMALL, method: i % 2 ? 'crop' : 'scale', animated: i % 3 === 0 };
    const { status } = await thumbnail(user, await upload(user, picture), query, { expect: 'any' });
    told.set(status, (told.get(status) ?? 0) + 1);
  }
  expect([...told.keys()].filter((status) => ![200, 400, 413].includes(status))).toEqual([]);
  expect(told.get(400)).toBeGreaterThan(0);
  expect(decoders(at.server.pid)).toEqual([]);
  expect(sizeOf((await thumbnail(user, await upload(user, png(64, 32)), SMALL)).bytes)).toEqual([32, 16]);
});
