// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import type { Credentials } from '../core/entry.ts';
import { Failure } from '../core/failure.ts';
import { FakeSession } from '../core/fake/session.ts';
import { until } from '../core/live.ts';
import { MemoryVault } from '../core/vault.ts';
import { AppModel, type ComeBack, type StartSession } from './AppModel.ts';
import type { Tabs } from './tabs.ts';

const CREDENTIALS: Credentials = {
  homeserver: 'https://example.org',
  userId: '@camille:example.org',
  deviceId: 'DEVICE',
  accessToken: 'secret',
  refreshToken: undefined,
};

class FakeTabs implements Tabs {
  free = true;
  lost = async () => {};
  onLost(listener: () => Promise<void>): void {
    this.lost = listener;
  }
  async hold(take: boolean): Promise<boolean> {
    return take || this.free;
  }
}

function setUp(secure = true) {
  const vault = new MemoryVault();
  const tabs = new FakeTabs();
  const session = new FakeSession();
  const startSession = vi.fn<StartSession>(async () => session);
  const comeBack = vi.fn<ComeBack>(async () => undefined);
  const forgetStores = vi.fn(async () => {});
  const emptyStores = vi.fn(async () => {});
  const reload = vi.fn();
  const reloadHere = vi.fn();
  const dropPushes = vi.fn(async () => {});
  const isOld = vi.fn(() => false);
  const endDevice = vi.fn(async () => {});
  const model = new AppModel({
    secure,
    vault,
    tabs,
    comeBack,
    startSession,
    forgetStores,
    emptyStores,
    reload,
    reloadHere,
    dropPushes,
    isOld,
    endDevice,
  });
  return {
    vault,
    tabs,
    session,
    comeBack,
    startSession,
    forgetStores,
    emptyStores,
    reload,
    reloadHere,
    dropPushes,
    isOld,
    endDevice,
    model,
  };
}

test('a first visit arrives; signing in starts a session and is remembered', async () => {
  const { model, vault, session, startSession, forgetStores } = setUp();
  await model.open();
  expect(model.state.get()).toEqual({ at: 'arrive' });
  expect(forgetStores).toHaveBeenCalled();
  await model.arrived(CREDENTIALS, 'un mot de passe');
  expect(startSession).toHaveBeenCalledWith(CREDENTIALS, 'un mot de passe', expect.any(AbortSignal));
  expect(model.state.get()).toEqual({ at: 'in', session });
  expect(await vault.read('credentials')).toEqual(CREDENTIALS);
  expect(JSON.stringify([...vault.kept])).not.toContain('un mot de passe');
});

test('a later visit goes straight in', async () => {
  const { model, vault, startSession, forgetStores } = setUp();
  await vault.write('credentials', CREDENTIALS);
  await model.open();
  expect(forgetStores).not.toHaveBeenCalled();
  expect(startSession).toHaveBeenCalledWith(CREDENTIALS, undefined, expect.any(AbortSignal));
  expect(model.state.get().at).toBe('in');
});

test('[UX-5] a later visit shows what the last one left before it loads the session', async () => {
  const { model, vault, session, comeBack, startSession } = setUp();
  await vault.write('credentials', CREDENTIALS);
  const early = new FakeSession();
  let coming: Promise<unknown> | undefined;
  comeBack.mockResolvedValue((real) => {
    coming = real;
    return early;
  });
  const opened = model.open();
  expect(await until(model.state, ({ at }) => at === 'in')).toEqual({ at: 'in', session: early });
  await Promise.resolve();
  expect(startSession).not.toHaveBeenCalled();
  model.shown();
  await opened;
  expect(startSession).toHaveBeenCalledWith(CREDENTIALS, undefined, expect.any(AbortSignal));
  expect(await coming).toBe(session);
  expect(model.state.get()).toEqual({ at: 'in', session: early });
});

test('nothing is said that a later visit would take away again in a moment', async () => {
  const { model, vault, comeBack } = setUp();
  await vault.write('credentials', CREDENTIALS);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  comeBack.mockReturnValueOnce(promise);
  const opened = model.open();
  await vi.waitFor(() => expect(comeBack).toHaveBeenCalled());
  expect(model.state.get()).toEqual({ at: 'beginning' });
  resolve(undefined);
  await opened;
  expect(model.state.get().at).toBe('in');
  // From then on, what goes on is said.
  const again = model.retry();
  expect(model.state.get()).toEqual({ at: 'opening' });
  await again;
});

test('a session that does not follow what was shown is said, and can be tried again', async () => {
  const { model, vault, comeBack, startSession } = setUp();
  await vault.write('credentials', CREDENTIALS);
  comeBack.mockResolvedValueOnce(() => new FakeSession());
  startSession.mockRejectedValueOnce(new Failure('OFFLINE'));
  const opened = model.open();
  await until(model.state, ({ at }) => at === 'in');
  model.shown();
  await opened;
  expect(model.state.get()).toMatchObject({ at: 'failed', failure: { code: 'OFFLINE' } });
  await model.retry();
  expect(model.state.get().at).toBe('in');
});

test('[UX-19] a second tab says so in one sentence, and can take over', async () => {
  const { model, tabs, vault } = setUp();
  await vault.write('credentials', CREDENTIALS);
  tabs.free = false;
  await model.open();
  expect(model.state.get()).toEqual({ at: 'elsewhere' });
  await model.open(true);
  expect(model.state.get().at).toBe('in');
});

test('the tab that lost its place stops, and keeps everything for the other', async () => {
  const { model, tabs, vault, session } = setUp();
  await vault.write('credentials', CREDENTIALS);
  await model.open();
  const stop = vi.spyOn(session, 'stop');
  void tabs.lost();
  expect(model.state.get()).toEqual({ at: 'moved' });
  expect(stop).toHaveBeenCalled();
  expect(await vault.read('credentials')).toEqual(CREDENTIALS);
});

test('[UX-19] a tab that loses its place while its session is being made makes it no further, and says no failure', async () => {
  const { model, tabs, vault, startSession } = setUp();
  await vault.write('credentials', CREDENTIALS);
  startSession.mockImplementation(
    (_, __, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const opened = model.open();
  await vi.waitFor(() => expect(startSession).toHaveBeenCalled());
  void tabs.lost();
  await opened;
  expect(model.state.get()).toEqual({ at: 'moved' });
});

test('a device that the server has ended is forgotten here', async () => {
  const { model, vault, session, reload } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  session.connection.set('ended');
  await until(model.state, (state) => state.at === 'ended');
  await vi.waitFor(() => expect(vault.kept.size).toBe(0));
  expect(reload).not.toHaveBeenCalled();
  model.signInAgain();
  expect(reload).toHaveBeenCalled();
});

test('signing out forgets everything, also what was in memory', async () => {
  const { model, vault, session, reload } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  const signOut = vi.spyOn(session, 'signOut');
  await model.signOut();
  expect(signOut).toHaveBeenCalled();
  expect(vault.kept.size).toBe(0);
  expect(reload).toHaveBeenCalled();
});

test('[UX-19] a tab that has lost its place hears no end: what is kept is the other’s', async () => {
  const { model, tabs, vault, session, startSession } = setUp();
  await vault.write('credentials', CREDENTIALS);
  await model.open();
  await tabs.lost();
  session.connection.set('ended');
  await new Promise((resolve) => setTimeout(resolve));
  expect(model.state.get()).toEqual({ at: 'moved' });
  expect(await vault.read('credentials')).toEqual(CREDENTIALS);
  expect(startSession.mock.calls[0]?.[2].aborted).toBe(true);
});

test('signing out forgets everything at once, and reloads though nothing answers', async () => {
  const { model, vault, session, reload, dropPushes } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  vi.useFakeTimers();
  dropPushes.mockReturnValue(new Promise(() => {}));
  vi.spyOn(session, 'signOut').mockImplementation(async () => {
    // What comes late is not kept.
    await vault.write('credentials', CREDENTIALS);
    await new Promise(() => {});
  });
  const leaving = model.signOut();
  await vi.advanceTimersByTimeAsync(0);
  expect(vault.kept.size).toBe(0);
  expect(reload).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5000);
  await leaving;
  expect(reload).toHaveBeenCalledOnce();
  expect(vault.kept.size).toBe(0);
  vi.useRealTimers();
});

test('[UX-3] what signing out would lose is known without a session too', async () => {
  const { model, vault } = setUp();
  await vault.write('credentials', CREDENTIALS);
  await vault.write('recovery', { code: 'EsTf 4f2e' });
  await vault.write('outbox', [{}, {}]);
  expect(await model.unsaved()).toEqual({ userId: '@camille:example.org', code: 'EsTf 4f2e', unsent: 2 });
  await vault.remove('recovery');
  expect((await model.unsaved()).code).toBeUndefined();
});

test('a vault that answers nothing keeps nobody signed in', async () => {
  const { model, vault, session, reload } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  vi.useFakeTimers();
  vi.spyOn(vault, 'read').mockReturnValue(new Promise(() => {}));
  const signOut = vi.spyOn(session, 'signOut');
  const leaving = model.signOut();
  await vi.advanceTimersByTimeAsync(5000);
  await leaving;
  expect(signOut).toHaveBeenCalled();
  expect(vault.kept.size).toBe(0);
  expect(reload).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test('a vault that cannot be wiped keeps nobody signed in', async () => {
  const { model, vault, session, reload } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  vi.spyOn(vault, 'wipe').mockRejectedValue(new Error('broken'));
  const signOut = vi.spyOn(session, 'signOut');
  await model.signOut();
  expect(signOut).toHaveBeenCalled();
  expect(reload).toHaveBeenCalled();
});

test('a start that fails says why, and can be tried again', async () => {
  const { model, startSession } = setUp();
  startSession.mockRejectedValueOnce(new Failure('OFFLINE'));
  await model.arrived(CREDENTIALS, 'x');
  expect(model.state.get()).toMatchObject({ at: 'failed', failure: { code: 'OFFLINE' } });
  await model.retry();
  expect(model.state.get().at).toBe('in');
});

test('an address that is not protected says so, and touches nothing', async () => {
  const { model, startSession } = setUp(false);
  await model.open();
  expect(model.state.get()).toEqual({ at: 'insecure' });
  expect(startSession).not.toHaveBeenCalled();
});

test('[UX-19] a tab of an earlier version takes over as a new page: what a newer one keeps is not for it', async () => {
  const { model, tabs, isOld, reloadHere } = setUp();
  tabs.free = false;
  await model.open();
  expect(model.state.get()).toEqual({ at: 'elsewhere' });
  isOld.mockReturnValue(true);
  model.takeOver();
  expect(reloadHere).toHaveBeenCalledOnce();
  expect(model.state.get()).toEqual({ at: 'elsewhere' });
  isOld.mockReturnValue(false);
  model.takeOver();
  await until(model.state, ({ at }) => at === 'arrive');
});

test('[UX-14] signing out ends what is sent to this browser while the page is closed', async () => {
  const { model, dropPushes } = setUp();
  await model.open();
  await model.arrived(CREDENTIALS, 'un mot de passe');
  await model.signOut();
  expect(dropPushes).toHaveBeenCalled();
});

test('where no session could be made, signing out ends the device by what is kept of it', async () => {
  const { model, vault, startSession, endDevice, reload } = setUp();
  await vault.write('credentials', CREDENTIALS);
  startSession.mockRejectedValueOnce(new Failure('UNEXPECTED'));
  await model.open();
  expect(model.state.get().at).toBe('failed');
  await model.signOut();
  expect(endDevice).toHaveBeenCalledExactlyOnceWith(CREDENTIALS);
  expect(await vault.read('credentials')).toBeUndefined();
  expect(reload).toHaveBeenCalled();
});

test('[UX-19] what stands for the session, and what keeps the screen, write nothing once another tab has it', async () => {
  const { model, vault, tabs, comeBack } = setUp();
  await vault.write('credentials', CREDENTIALS);
  await model.open();
  const early = comeBack.mock.calls[0]?.[1];
  const ours = model.vault;
  expect(early).toBe(ours);
  await ours.write('drafts', 'before');
  await tabs.lost();
  await ours.write('drafts', 'late');
  expect(await vault.read('drafts')).toBe('before');
  // Taken back, it is ours again.
  await model.open(true);
  await model.vault.write('drafts', 'again');
  expect(await vault.read('drafts')).toBe('again');
});

test('what is kept goes before the server is heard, and nothing is written in between', async () => {
  const { model, vault, session, emptyStores, dropPushes } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  const done: string[] = [];
  vi.useFakeTimers();
  vi.spyOn(session, 'signOut').mockImplementation(() => {
    done.push('writes no more');
    return new Promise(() => {});
  });
  emptyStores.mockImplementation(async () => void done.push('emptied'));
  dropPushes.mockImplementation(async () => void done.push('asked'));
  void model.signOut();
  await vi.advanceTimersByTimeAsync(0);
  expect(vault.kept.size).toBe(0);
  expect(done).toEqual(['writes no more', 'emptied', 'asked']);
  vi.useRealTimers();
});

test('a device that the server has ended leaves nothing beside the vault', async () => {
  const { model, session, emptyStores, forgetStores } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  session.connection.set('ended');
  await vi.waitFor(() => expect(forgetStores).toHaveBeenCalledOnce());
  expect(emptyStores).toHaveBeenCalledOnce();
});

test.each([
  ['could not tell the server', () => Promise.reject(new Failure('OFFLINE'))],
  ['never came', () => new Promise<never>(() => {})],
])('a session that %s: the device is ended by what was kept of it', async (_, signOut) => {
  const { model, session, endDevice, reload } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  vi.useFakeTimers();
  vi.spyOn(session, 'signOut').mockImplementation(signOut);
  const leaving = model.signOut();
  await vi.advanceTimersByTimeAsync(5000);
  await leaving;
  expect(endDevice).toHaveBeenCalledExactlyOnceWith(CREDENTIALS);
  expect(reload).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test('a session that has told the server is believed', async () => {
  const { model, endDevice } = setUp();
  await model.arrived(CREDENTIALS, 'x');
  await model.signOut();
  expect(endDevice).not.toHaveBeenCalled();
});
