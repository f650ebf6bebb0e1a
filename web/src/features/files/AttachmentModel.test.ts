// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeFiles, fakeAttachment } from '../../core/fake/files.ts';
import type { Attachment, Verdict, VerdictState } from '../../core/files.ts';
import { until } from '../../core/live.ts';
import { en } from '../../i18n/en/index.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { AttachmentModel } from './AttachmentModel.ts';
import { sizeText } from './size.ts';

const said = (state: VerdictState): Verdict => ({ state, cause: undefined });
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const IMAGE = { kind: 'image', type: 'image/png' } as const;

function setUp(verdicts: VerdictState[], part: Partial<Attachment> = {}) {
  const files = new FakeFiles();
  files.verdicts = verdicts.map(said);
  const read = vi.spyOn(files, 'read');
  const waits: number[] = [];
  const due: (() => void)[] = [];
  const model = new AttachmentModel(files, fakeAttachment(part), (action, ms) => {
    waits.push(ms);
    due.push(action);
    return () => due.splice(0);
  });
  return { files, model, read, waits, due };
}

test('a file that waits is asked for again, ever more rarely, until there is an answer', async () => {
  const { files, model, waits, due } = setUp([...Array<VerdictState>(8).fill('pending'), 'clean']);
  model.start();
  for (let i = 1; i <= 8; i++) {
    await expect.poll(() => waits.length).toBe(i);
    due.shift()?.();
  }
  await until(model.state, ({ verdict }) => verdict.state === 'clean');
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(files.asked).toBe(9);
});

test('nobody is asked any more about what is not looked at', async () => {
  const { files, model, waits, due } = setUp(['pending']);
  const stop = model.start();
  await expect.poll(() => waits.length).toBe(1);
  stop();
  expect(due).toEqual([]);
  expect(files.asked).toBe(1);
});

test.for(['pending', 'infected', 'not_scannable', 'failed', 'unreachable', 'missing'] as const)(
  'nothing is fetched nor opened of what is %s',
  async (state) => {
    const { files, model, read, waits } = setUp([state], IMAGE);
    const again = state === 'pending' || state === 'unreachable';
    model.start();
    await expect.poll(() => [files.asked, waits.length]).toEqual([1, again ? 1 : 0]);
    await until(model.state, ({ verdict }) => verdict.state === state);
    expect(await model.open()).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
  },
);

test('an image is shown for what its bytes are, whatever its sender says; the small one first', async () => {
  const small = { url: 'mxc://example.org/small', sealed: undefined };
  const { model, read } = setUp(['not_verified'], { ...IMAGE, thumbnail: small });
  read.mockResolvedValue(PNG);
  model.start();
  await until(model.state, ({ preview }) => preview?.type === 'image/png');
  expect(read.mock.calls).toEqual([[small]]);
  read.mockResolvedValue(new TextEncoder().encode('<svg onload="alert(1)"></svg>'));
  expect((await model.open())?.type).toBe('application/octet-stream');
});

const typeOf = async (kind: Attachment['kind'], type: string) => {
  const { model } = setUp(['clean'], { kind, type });
  model.start();
  await until(model.state, ({ verdict }) => verdict.state === 'clean');
  return (await model.open())?.type;
};

test('only sounds and films that are known keep their type', async () => {
  expect(await typeOf('audio', 'audio/ogg; codecs=opus')).toBe('audio/ogg');
  expect(await typeOf('file', 'text/html')).toBe('application/octet-stream');
  expect(await typeOf('video', 'image/svg+xml')).toBe('application/octet-stream');
});

test('what the antivirus has found since closes again; another failure is said', async () => {
  const { files, model } = setUp(['clean', 'infected']);
  model.start();
  await until(model.state, ({ verdict }) => verdict.state === 'clean');
  files.failing = new Failure('OFFLINE');
  expect(await model.open()).toBeUndefined();
  expect(model.state.get().failure?.code).toBe('OFFLINE');
  files.failing = new Failure('MCS_MEDIA_NOT_CLEAN', 403);
  expect(await model.open()).toBeUndefined();
  await until(model.state, ({ verdict }) => verdict.state === 'infected');
});

test('sizes are said as people say them', () => {
  expect(sizeText(new Text('fr', fr), 12)).toBe('12 o');
  expect(sizeText(new Text('fr', fr), 1234)).toBe('1,2 ko');
  expect(sizeText(new Text('en', en), 100_000_000)).toBe('100 MB');
});
