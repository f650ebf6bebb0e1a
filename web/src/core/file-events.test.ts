// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakeAttachment } from './fake/files.ts';
import { lock } from './file-crypto.ts';
import { attachmentOf, contentOfFile, isFile, safeName } from './file-events.ts';

const CLEAR = { url: 'mxc://example.org/abc', sealed: undefined };

test('a file goes into an event and comes back as it was, in clear and encrypted', async () => {
  const { at } = await lock(new Uint8Array(3));
  const sealed = { url: 'mxc://example.org/s', sealed: at('mxc://example.org/s') };
  const picture = fakeAttachment({
    kind: 'image',
    name: 'plan.png',
    description: 'Le plan du rez-de-chaussée',
    type: 'image/png',
    width: 40,
    height: 30,
  });
  for (const one of [
    fakeAttachment({ source: CLEAR }),
    { ...picture, source: CLEAR, thumbnail: CLEAR },
    { ...picture, source: sealed, thumbnail: sealed },
  ])
    expect(attachmentOf(contentOfFile(one))).toEqual(one);
  const content = contentOfFile({ ...picture, source: sealed });
  expect(content).toMatchObject({
    msgtype: 'm.image',
    body: 'Le plan du rez-de-chaussée',
    filename: 'plan.png',
  });
  expect(content).not.toHaveProperty('url');
});

test('[WEB-03] what others send is believed of nothing: no address, no shape, no keys, no file', () => {
  const base = { msgtype: 'm.file', body: 'a.txt' };
  expect(attachmentOf(base)).toBeUndefined();
  for (const url of [
    'https://evil.example/x',
    'mxc://a/../b',
    'mxc://../../_matrix/x',
    'mxc://../_matrix',
    'mxc://a/..',
    'mxc://a',
    'mxc:///x',
    3,
    null,
  ])
    expect(attachmentOf({ ...base, url }), String(url)).toBeUndefined();
  const file = { v: 'v1', url: CLEAR.url };
  expect(attachmentOf({ ...base, url: CLEAR.url, file })).toBeUndefined();
  expect(attachmentOf({ ...base, url: CLEAR.url, info: { size: -1, w: 'x', mimetype: {} } })).toMatchObject({
    size: undefined,
    width: undefined,
    type: 'application/octet-stream',
  });
});

test('a name is one on any disk, and does not look like another', () => {
  expect(safeName('note.pdf')).toBe('note.pdf');
  expect(safeName('../../etc/passwd')).toBe('_.._etc_passwd');
  expect(safeName('C:\\x\\y.txt')).toBe('C__x_y.txt');
  expect(safeName('facture\u202Efdp.exe')).toBe('facture_fdp.exe');
  expect(safeName('.bashrc')).toBe('bashrc');
  expect(safeName(' .. ')).toBe('fichier');
  expect(safeName(`${'é'.repeat(300)}.pdf`)).toMatch(/^é{116}\.pdf$/);
});

test.each(['constructor', 'toString', '__proto__', { toString: 1 }, ['m.image'], 1])(
  'a kind of message that nobody knows (%j) is no file',
  (msgtype) => {
    expect(isFile(msgtype)).toBe(false);
    expect(attachmentOf({ msgtype, body: 'x', url: 'mxc://example.org/abc' })).toBeUndefined();
  },
);
