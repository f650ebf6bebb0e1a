// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeFiles } from '../../core/fake/files.ts';
import type { Attachment } from '../../core/files.ts';
import { Cell } from '../../core/live.ts';
import { type Recorder, shapeOf } from '../../core/recorder.ts';
import { LONGEST_S, VoiceModel, voiceModelOf, voicesWouldBeLost } from './VoiceModel.ts';

class FakeRecorder implements Recorder {
  readonly level = new Cell(0);
  cancelled = false;

  async stop() {
    return { bytes: new Blob(['x'], { type: 'audio/ogg' }), duration: 2000, waveform: [0, 1] };
  }

  cancel(): void {
    this.cancelled = true;
  }
}

function setUp() {
  const files = new FakeFiles();
  const recorder = new FakeRecorder();
  const model = new VoiceModel(files, async () => recorder);
  const delivered: Attachment[] = [];
  model.deliver = (attachment) => delivered.push(attachment);
  const at = () => model.state.get().at;
  return { files, recorder, model, delivered, at };
}

test('what was said is recorded, and sent with its length and its shape', async () => {
  const { files, recorder, model, delivered, at } = setUp();
  await model.start();
  recorder.level.set(0.5);
  expect(model.state.get()).toMatchObject({ at: 'recording', level: 0.5 });
  await model.stop();
  expect(at()).toBe('ready');
  const sending = model.send();
  await vi.waitFor(() => expect(files.uploads).toHaveLength(1));
  expect(files.uploads[0]?.file.name).toBe('message-vocal.ogg');
  files.uploads[0]?.finish();
  await sending;
  expect(delivered[0]).toMatchObject({ kind: 'audio', voice: { duration: 2000, waveform: [0, 1] } });
  expect(at()).toBe('idle');
});

test('what was called off is not kept; what could not leave is', async () => {
  const { files, recorder, model, delivered, at } = setUp();
  await model.start();
  model.cancel();
  expect([recorder.cancelled, at()]).toEqual([true, 'idle']);
  await model.start();
  await model.stop();
  const sending = model.send();
  await vi.waitFor(() => expect(files.uploads).toHaveLength(1));
  files.failing = new Failure('OFFLINE');
  files.uploads[0]?.finish();
  await sending;
  expect(model.state.get()).toMatchObject({ at: 'ready', failure: { code: 'OFFLINE' } });
  expect(delivered).toEqual([]);
});

test('without a microphone it says so; after five minutes it ends by itself', async () => {
  const refused = new VoiceModel(new FakeFiles(), async () => {
    throw new Failure('NO_MICROPHONE');
  });
  await refused.start();
  expect(refused.state.get()).toMatchObject({ at: 'idle', failure: { code: 'NO_MICROPHONE' } });
  vi.useFakeTimers();
  const { model, at } = setUp();
  await model.start();
  await vi.advanceTimersByTimeAsync(LONGEST_S * 1000);
  expect(at()).toBe('ready');
  vi.useRealTimers();
});

test('the shape keeps the loudest of each part', () => {
  expect(shapeOf([0.1, 0.9, 0.2, 0.3], 2)).toEqual([0.9, 0.3]);
  expect(shapeOf([0.1], 2)).toEqual([0.1]);
});

test('looking elsewhere drops nothing of what was said: it is there when one is back', async () => {
  const { files, recorder, model, at } = setUp();
  await model.start();
  model.leave();
  await expect.poll(at).toBe('ready');
  expect(recorder.cancelled).toBe(false);
  model.leave();
  expect(at()).toBe('ready');
  void model.send();
  model.leave();
  expect(at()).toBe('sending');
  const start = async () => recorder;
  const keeper = {};
  const mine = voiceModelOf(files, keeper, '!a', start);
  expect(voiceModelOf(files, keeper, '!a', start)).toBe(mine);
  expect(voiceModelOf(files, keeper, '!b', start)).not.toBe(mine);
  expect(voiceModelOf(files, {}, '!a', start)).not.toBe(mine);
  // At the beginning of a later visit, the way to the files is another one soon after.
  expect(voiceModelOf(new FakeFiles(), keeper, '!a', start)).toBe(mine);
});

test('what is called off while the browser asks stays so', async () => {
  const { recorder, model, at } = setUp();
  const starting = model.start();
  model.leave();
  await starting;
  expect([recorder.cancelled, at()]).toEqual([true, 'idle']);
});

test('it answers what was being answered when it was sent', async () => {
  const { files, model } = setUp();
  const answers: (string | undefined)[] = [];
  let replyTo: string | undefined = '$un';
  model.answering = () => replyTo;
  model.deliver = (_, answered) => answers.push(answered);
  await model.start();
  await model.stop();
  const sending = model.send();
  await vi.waitFor(() => expect(files.uploads).toHaveLength(1));
  replyTo = '$deux';
  files.uploads[0]?.finish();
  await sending;
  expect(answers).toEqual(['$un']);
});

test('the end of the page is asked about while something that was said has not left', async () => {
  const model = voiceModelOf(new FakeFiles(), {}, '!room', async () => new FakeRecorder());
  expect(voicesWouldBeLost()).toBe(false);
  await model.start();
  await model.stop();
  expect(voicesWouldBeLost()).toBe(true);
  model.cancel();
  expect(voicesWouldBeLost()).toBe(false);
});
