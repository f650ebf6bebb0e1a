// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FAKE_CODE, FakeSafety } from '../../core/fake/safety.ts';
import { until } from '../../core/live.ts';
import { SafetyModel } from './SafetyModel.ts';

const DAY = 86_400_000;

function watching(safety: FakeSafety, now: () => number): SafetyModel {
  const model = new SafetyModel(safety, now);
  model.watch();
  return model;
}

function setUp(time = { now: 0 }) {
  const safety = new FakeSafety();
  return { safety, time, model: watching(safety, () => time.now) };
}

const screenOf = (model: SafetyModel, screen: string) => until(model.view, (view) => view.screen === screen);

test('[UX-2] a new code is shown once, then asked for again a day later, until it is kept', async () => {
  const { safety, model, time } = setUp({ now: Date.now() });
  safety.state.set({ at: 'ready', code: FAKE_CODE });
  await screenOf(model, 'code');
  expect(model.view.get().code).toBe(FAKE_CODE);
  await model.later();
  expect(model.view.get()).toMatchObject({ screen: 'none', banner: 'none' });

  const again = watching(safety, () => time.now);
  await until(again.view, (view) => view.code !== '');
  expect(again.view.get()).toMatchObject({ screen: 'none', banner: 'none' });

  time.now += DAY + 1000;
  const nextDay = watching(safety, () => time.now);
  await until(nextDay.view, (view) => view.banner === 'code');
  nextDay.show('code');
  expect(nextDay.view.get().screen).toBe('code');
  await nextDay.saved();
  await screenOf(nextDay, 'none');
  expect(nextDay.view.get()).toMatchObject({ banner: 'none', code: '' });
});

test('[UX-3] a new device asks for the code, says at once that one is wrong, and opens with the right one', async () => {
  const { safety, model } = setUp();
  safety.state.set({ at: 'locked', replaced: false, hasCode: true, hasOtherDevice: true });
  await screenOf(model, 'unlock');
  expect(await model.unlock()).toBe(false);
  expect(model.view.get().missing).toBe(true);
  model.type('autre chose');
  await model.unlock();
  expect(model.view.get()).toMatchObject({
    busy: false,
    failure: { code: 'WRONG_CODE' },
    typed: 'autre chose',
  });
  model.type(FAKE_CODE);
  await model.unlock();
  await screenOf(model, 'none');
});

test('a new device can wait: a calm line stays, and brings the screen back', async () => {
  const { safety, model } = setUp();
  safety.state.set({ at: 'locked', replaced: false, hasCode: true, hasOtherDevice: false });
  await screenOf(model, 'unlock');
  await model.later();
  expect(model.view.get()).toMatchObject({ screen: 'none', banner: 'locked' });
  safety.state.set({ at: 'locked', replaced: false, hasCode: true, hasOtherDevice: true });
  await until(model.view, (view) => view.hasOtherDevice);
  expect(model.view.get().screen).toBe('none');
  model.show('unlock');
  expect(model.view.get()).toMatchObject({ screen: 'unlock', banner: 'none' });
});

test('a device that was confirmed and is no more says so, on the screen and in the line that stays', async () => {
  const { safety, model } = setUp();
  safety.state.set({ at: 'locked', replaced: true, hasCode: true, hasOtherDevice: true });
  await screenOf(model, 'unlock');
  expect(model.view.get().replaced).toBe(true);
  await model.later();
  expect(model.view.get()).toMatchObject({ banner: 'locked', replaced: true });
});

test('a lost code: what is lost is said first, then the password, then a new code', async () => {
  const { safety, model } = setUp();
  safety.state.set({ at: 'locked', replaced: false, hasCode: true, hasOtherDevice: false });
  await screenOf(model, 'unlock');
  model.type('essai');
  model.lost('loss');
  expect(model.view.get()).toMatchObject({ screen: 'loss', typed: '' });
  model.lost('restart');
  model.type('faux');
  await model.restart();
  expect(model.view.get()).toMatchObject({ screen: 'restart', failure: { code: 'M_FORBIDDEN' } });
  model.type(safety.password);
  await model.restart();
  await screenOf(model, 'code');
});

test('a set-up that failed is said above the page, and tried again', async () => {
  const { safety, model } = setUp();
  safety.state.set({ at: 'failed', failure: new Failure('OFFLINE') });
  await until(model.view, (view) => view.banner === 'failed');
  await model.retry();
  await until(model.view, (view) => view.banner === 'none');
});

test('pictures are compared from either side, and a comparison that cannot start is said', async () => {
  const { safety, model } = setUp();
  safety.failing = new Failure('OFFLINE');
  await model.compare();
  expect(model.view.get().failure?.code).toBe('OFFLINE');
  await model.compare();
  expect(model.comparison.get()?.step).toBe('asking');
  await model.accept();
  await model.choosePictures();
  expect(model.comparison.get()?.step).toBe('comparing');
  await model.confirm(false);
  expect(model.comparison.get()?.step).toBe('mismatch');
  await model.closeComparison();
  expect(model.comparison.get()).toBeUndefined();
});

test('[UX-3] a code of another moment is said to be one; the right one is confirmed on the other device', async () => {
  const { model } = setUp();
  await model.compare();
  await model.accept();
  expect(model.comparison.get()).toMatchObject({ step: 'choosing', mayRead: true });
  expect((await model.readCode(Uint8Array.of(1)))?.code).toBe('WRONG_QR');
  expect(model.comparison.get()?.step).toBe('choosing');
  expect(await model.readCode(Uint8Array.of(1, 2, 3))).toBeUndefined();
  expect(model.comparison.get()?.step).toBe('recognised');
  await model.confirmRead(true);
  expect(model.comparison.get()?.step).toBe('done');
});
