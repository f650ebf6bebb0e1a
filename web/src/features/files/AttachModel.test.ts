// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeFiles } from '../../core/fake/files.ts';
import type { Attachment } from '../../core/files.ts';
import { Cell, until } from '../../core/live.ts';
import { AttachModel, attachModelOf, filesWouldBeLost, type Keeper } from './AttachModel.ts';

const file = (name: string, size = 4, type = 'text/plain') => new File(['x'.repeat(size)], name, { type });

/** Keeps what is not larger than ten bytes. */
class FakeKeeper implements Keeper {
  readonly kept = new Map<number, { file: File; description: string }>();

  async read() {
    return [...this.kept].map(([id, one]) => ({ id, ...one }));
  }

  async add(_: string, file: File): Promise<number | undefined> {
    if (file.size > 10) return undefined;
    this.kept.set(this.kept.size + 1, { file, description: '' });
    return this.kept.size;
  }

  async describe(id: number, description: string): Promise<void> {
    this.kept.set(id, { ...this.kept.get(id)!, description });
  }

  async forget(id: number): Promise<void> {
    this.kept.delete(id);
  }
}

async function setUp(...chosen: File[]) {
  const files = new FakeFiles();
  const keeper = new FakeKeeper();
  const model = new AttachModel(files, keeper, '!room');
  const delivered: Attachment[] = [];
  model.deliver = (attachment) => delivered.push(attachment);
  await model.add(chosen);
  const states = () => model.state.get().chosen.map(({ name, state }) => `${name} ${state}`);
  const uploading = (n: number) => expect.poll(() => files.uploads.length).toBe(n);
  return { files, keeper, model, delivered, states, uploading };
}

test('what is too large is said before anything leaves, and never leaves', async () => {
  const { files, model, states, uploading } = await setUp(file('a.txt'), file('gros.bin', 1001));
  expect(states()).toEqual(['a.txt ready', 'gros.bin tooLarge']);
  expect(model.state.get()).toMatchObject({ limit: 1000, said: { what: 'tooLarge', name: 'gros.bin' } });
  model.send();
  await uploading(1);
  files.uploads[0]!.finish();
  await expect.poll(states).toEqual(['gros.bin tooLarge']);
  expect(files.uploads).toHaveLength(1);
});

test('files leave one after the other, described, encrypted as the room is, and are delivered in order', async () => {
  const { files, model, delivered, states, uploading } = await setUp(
    file('un.png', 4, 'image/png'),
    file('deux.txt'),
  );
  model.describe(1, '  le plan ');
  model.isEncrypted = async () => false;
  model.send();
  await uploading(1);
  expect(states()).toEqual(['un.png sending', 'deux.txt waiting']);
  const { file: sent, options } = files.uploads[0]!;
  expect([sent.description, options.encrypted]).toEqual(['le plan', false]);
  options.onProgress(0.5);
  expect(model.state.get().chosen[0]?.progress).toBe(0.5);
  files.uploads[0]!.finish();
  await uploading(2);
  files.uploads[1]!.finish();
  await until(model.state, ({ chosen }) => chosen.length === 0);
  expect(delivered.map(({ name }) => name)).toEqual(['un.png', 'deux.txt']);
  expect(model.state.get().said).toEqual({ what: 'sent', name: 'deux.txt' });
});

test('an upload is stopped and stays chosen; one that failed is tried again; one taken out does not come back', async () => {
  const { files, model, delivered, states, uploading } = await setUp(file('a.txt'));
  model.send();
  await uploading(1);
  model.cancel(1);
  await expect.poll(states).toEqual(['a.txt ready']);
  expect(model.state.get().said?.what).toBe('cancelled');
  model.send();
  await uploading(2);
  files.failing = new Failure('OFFLINE');
  files.uploads[1]!.finish();
  await expect.poll(states).toEqual(['a.txt failed']);
  expect(model.state.get().chosen[0]?.failure?.code).toBe('OFFLINE');
  model.retry(1);
  await uploading(3);
  model.remove(1);
  files.uploads[2]!.finish();
  await until(model.state, ({ said }) => said?.what === 'cancelled');
  expect([states(), delivered]).toEqual([[], []]);
});

test('without an answer about the limit files may be tried', async () => {
  const files = new FakeFiles();
  files.failing = new Failure('OFFLINE');
  const model = new AttachModel(files, new FakeKeeper(), '!room');
  await model.add([file('a.txt', 5000)]);
  expect(model.state.get().chosen[0]?.state).toBe('ready');
});

test('each place to write has its own, which lives on while one looks elsewhere', () => {
  const files = new FakeFiles();
  const keeper = new FakeKeeper();
  const of = (place: string) => attachModelOf(files, keeper, place);
  expect(of('!a')).toBe(of('!a'));
  expect(of('!a')).not.toBe(of('!b'));
  expect(attachModelOf(files, new FakeKeeper(), '!a')).not.toBe(of('!a'));
});

test('[UX-5] a room that is opened again, by another way to the same files, has its tray again', async () => {
  const [early, own] = [new FakeFiles(), new FakeFiles()];
  const keeper = new FakeKeeper();
  const tray = attachModelOf(early, keeper, '!a');
  await tray.add([file('a.txt')]);
  tray.send();
  await expect.poll(() => early.uploads.length).toBe(1);
  const again = attachModelOf(own, keeper, '!a');
  expect(again.state.get().chosen.map(({ name, state }) => `${name} ${state}`)).toEqual(['a.txt sending']);
  const delivered: Attachment[] = [];
  again.deliver = (attachment) => delivered.push(attachment);
  early.uploads[0]!.finish();
  await until(again.state, ({ chosen }) => chosen.length === 0);
  expect(delivered).toHaveLength(1);
});

test('[UX-10] what was chosen outlives the page, described, until it is sent or taken out', async () => {
  const { files, keeper, model } = await setUp(file('un.png', 4, 'image/png'), file('gros.txt', 20));
  model.describe(1, 'le plan');
  expect(model.state.get().chosen.map(({ kept }) => kept)).toEqual([1, 'no']);
  const later = new AttachModel(files, keeper, '!room');
  await until(later.state, ({ chosen }) => chosen.length === 1);
  expect(later.state.get()).toMatchObject({
    chosen: [{ name: 'un.png', picture: true, description: 'le plan', state: 'ready', kept: 1 }],
    said: { what: 'back', name: 'un.png' },
  });
  await later.add([file('b.txt')]);
  later.remove(later.state.get().chosen[1]!.id);
  expect([...keeper.kept.keys()]).toEqual([1]);
  later.send();
  await expect.poll(() => files.uploads.length).toBe(1);
  expect(files.uploads[0]!.file.description).toBe('le plan');
  files.uploads[0]!.finish();
  await until(later.state, ({ chosen }) => chosen.length === 0);
  expect(keeper.kept.size).toBe(0);
});

test('a file that is taken out while it is written down is not kept', async () => {
  const files = new FakeFiles();
  const keeper = new FakeKeeper();
  const model = new AttachModel(files, keeper, '!room');
  const written = new Cell(false);
  const add = keeper.add.bind(keeper);
  keeper.add = async (place, one) => {
    await until(written, Boolean);
    return add(place, one);
  };
  const adding = model.add([file('a.txt')]);
  await until(model.state, ({ chosen }) => chosen.length === 1);
  model.remove(1);
  written.set(true);
  await adding;
  expect(keeper.kept.size).toBe(0);
});

test('the first that leaves answers what was being answered at the moment of sending, whatever is answered later', async () => {
  const { files, model, states, uploading } = await setUp(file('un.txt'), file('deux.txt'));
  const answers: (string | undefined)[] = [];
  let replyTo: string | undefined = '$a';
  model.answering = () => replyTo;
  model.deliver = (_, answered) => answers.push(answered);
  model.send();
  replyTo = '$b';
  await uploading(1);
  files.uploads[0]!.finish();
  await uploading(2);
  files.uploads[1]!.finish();
  await expect.poll(states).toEqual([]);
  expect(answers).toEqual(['$a', undefined]);
});

test('the end of the page is asked about while a file is on its way or not kept, wherever one looks', async () => {
  const files = new FakeFiles();
  const model = attachModelOf(files, new FakeKeeper(), '!room');
  expect(filesWouldBeLost()).toBe(false);
  await model.add([file('gros.bin', 20)]);
  expect(filesWouldBeLost()).toBe(true);
  model.remove(model.state.get().chosen[0]!.id);
  expect(filesWouldBeLost()).toBe(false);
  await model.add([file('a.txt')]);
  expect(filesWouldBeLost()).toBe(false);
  model.send();
  expect(filesWouldBeLost()).toBe(true);
  await expect.poll(() => files.uploads.length).toBe(1);
  files.uploads[0]!.finish();
  await expect.poll(filesWouldBeLost).toBe(false);
});

test('a picture that keeps what was written into it leaves when its author wants it so', async () => {
  const { files, model, states, uploading } = await setUp(file('photo.heic', 4, 'image/heic'));
  model.send();
  await uploading(1);
  expect(files.uploads[0]?.file.asIs).toBe(false);
  files.failing = new Failure('KEEPS_NOTES');
  files.uploads[0]!.finish();
  await expect.poll(states).toEqual(['photo.heic failed']);
  model.sendAsIs(model.state.get().chosen[0]!.id);
  await uploading(2);
  expect(files.uploads[1]?.file.asIs).toBe(true);
  files.uploads[1]!.finish();
  await expect.poll(states).toEqual([]);
});
