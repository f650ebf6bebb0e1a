// SPDX-License-Identifier: EUPL-1.2
import { afterEach, expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeNotices } from '../../core/fake/notices.ts';
import { FakePush, FakeSubscriptions } from '../../core/fake/push.ts';
import { Cell } from '../../core/live.ts';
import { NoticeChoices } from '../../core/notice-choices.ts';
import type { WorkerState } from '../../core/page-worker.ts';
import { OUTCOMES } from '../../core/push.ts';
import { MemoryVault } from '../../core/vault.ts';
import type { ToPage } from '../../sw/messages.ts';
import { DeviceModel, LINKS } from './DeviceModel.ts';

afterEach(() => vi.useRealTimers());

function world() {
  const listeners = new Set<(message: ToPage) => void>();
  const worker = {
    state: new Cell<WorkerState>({ at: 'ready', update: false }),
    onMessage: (listener: (message: ToPage) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const notices = new FakeNotices();
  const push = new FakePush();
  const subscriptions = new FakeSubscriptions();
  const choices = new NoticeChoices(new MemoryVault());
  const make = () =>
    new DeviceModel({
      notices,
      choices,
      worker,
      push,
      subscriptions,
      language: () => 'fr',
      newText: () => 'essai',
    });
  const come = (text: string) => {
    for (const listener of listeners) listener({ kind: 'pushed', test: text });
  };
  push.onTest = (text) => queueMicrotask(() => come(text));
  return { worker, notices, push, subscriptions, choices, model: make(), make, come };
}

test('[UX-14] turning it on asks the browser once, subscribes, and tells the server; off takes all of it back', async () => {
  const { model, notices, push, subscriptions, choices } = world();
  expect(await model.turnOn()).toBe(true);
  expect(notices.permission.get()).toBe('granted');
  expect([...push.known.keys()]).toEqual(['p1']);
  expect(model.reach.get()).toBe('closed');
  await model.turnOff();
  expect(push.known.size).toBe(0);
  expect(subscriptions.current).toBeUndefined();
  expect(choices.choice.get().on).toBe(false);
});

test('a test that is asked for at the beginning of a visit waits for the worker', async () => {
  const { model, worker } = world();
  worker.state.set({ at: 'starting', update: false });
  const run = model.runTest();
  await Promise.resolve();
  expect(model.test.get().at).toBe('running');
  worker.state.set({ at: 'ready', update: false });
  await run;
  expect(model.test.get().at).toBe('passed');
});

test('a browser that says no changes nothing', async () => {
  const { model, notices, push, choices } = world();
  notices.answer = 'denied';
  expect(await model.turnOn()).toBe(false);
  expect(choices.choice.get().on).toBe(false);
  expect(push.known.size).toBe(0);
});

test('without pushes, one is told while the page is open', async () => {
  const off = world();
  off.push.key = undefined;
  expect(await off.model.turnOn()).toBe(true);
  expect(off.model.reach.get()).toBe('open');
  const filtered = world();
  filtered.subscriptions.refuses = true;
  expect(await filtered.model.turnOn()).toBe(true);
  expect(filtered.model.reach.get()).toBe('open');
  expect(filtered.choices.choice.get().on).toBe(true);
});

test('a later visit renews what the server may have dropped; one that was turned off asks nothing', async () => {
  const { model, make, push, choices } = world();
  await model.turnOn();
  push.known.clear();
  await make().begin();
  expect(push.known.size).toBe(1);
  await model.turnOff();
  await choices.set({ on: false });
  await make().begin();
  expect(push.known.size).toBe(0);
});

test('[UX-14] a test that arrives has passed every link', async () => {
  const { model } = world();
  await model.runTest();
  expect(model.test.get()).toMatchObject({ at: 'passed', held: LINKS, faulty: undefined });
});

/** The link that a test names, and why, once something was spoilt. */
async function faultyOf(spoil: (parts: ReturnType<typeof world>) => void) {
  const parts = world();
  spoil(parts);
  await parts.model.runTest();
  const { at, faulty, held, outcome, failure } = parts.model.test.get();
  expect(at).toBe('failed');
  expect(held).toEqual(LINKS.slice(0, LINKS.indexOf(faulty!)));
  return [faulty, outcome ?? failure?.code];
}

test('[UX-14] a test names the link that does not hold', async () => {
  expect(await faultyOf(({ notices }) => notices.permission.set('denied'))).toEqual([
    'permission',
    undefined,
  ]);
  expect(await faultyOf(({ worker }) => worker.state.patch({ at: 'none' }))).toEqual(['worker', undefined]);
  expect(await faultyOf(({ push }) => (push.key = undefined))).toEqual(['offer', undefined]);
  expect(await faultyOf(({ push }) => (push.failing = new Failure('OFFLINE')))).toEqual(['offer', 'OFFLINE']);
  expect(await faultyOf(({ subscriptions }) => (subscriptions.refuses = true))).toEqual([
    'subscription',
    undefined,
  ]);
  for (const outcome of OUTCOMES.filter((one) => one !== 'accepted'))
    expect(await faultyOf(({ push }) => (push.outcome = outcome))).toEqual(['server', outcome]);
});

test('[UX-14] a test that the push service took and that does not come is a fault of its delivery', async () => {
  vi.useFakeTimers();
  const { model, push, come } = world();
  push.onTest = () => come('another one');
  const running = model.runTest();
  await vi.advanceTimersByTimeAsync(30_000);
  await running;
  expect(model.test.get()).toMatchObject({ at: 'failed', faulty: 'delivery' });
});
