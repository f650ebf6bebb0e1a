// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { LockedTabs } from './tabs.ts';

type Taker = (lock: Lock | null) => unknown;

/** One lock, as Web Locks has it: who holds it, and who waits. */
class FakeLocks {
  private holder: { reject: (error: unknown) => void } | undefined;
  private waiting: (() => void)[] = [];

  request(_: string, options: LockOptions, taker: Taker): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        const me = { reject };
        this.holder = me;
        void Promise.resolve(taker({} as Lock)).then((value) => {
          if (this.holder !== me) return;
          this.holder = undefined;
          resolve(value);
          this.waiting.shift()?.();
        });
      };
      if (options.steal) this.holder?.reject(new DOMException('stolen', 'AbortError'));
      if (!this.holder || options.steal) return enter();
      if (options.ifAvailable) return resolve(taker(null));
      this.waiting.push(enter);
      return options.signal?.addEventListener('abort', () => {
        this.waiting = this.waiting.filter((one) => one !== enter);
        reject(options.signal?.reason);
      });
    });
  }
}

/** Tabs of one browser. */
function browser() {
  const locks = new FakeLocks() as unknown as LockManager;
  const channels: EventTarget[] = [];
  return (patience?: number) => {
    const target = new EventTarget();
    channels.push(target);
    const channel = Object.assign(target, {
      postMessage: (data: unknown) => {
        for (const other of channels.filter((one) => one !== target))
          other.dispatchEvent(new MessageEvent('message', { data }));
      },
    });
    return new LockedTabs(locks, channel, patience);
  };
}

test('[UX-19] a tab that takes over waits until the other has let go', async () => {
  const open = browser();
  const [first, second] = [open(), open()];
  expect(await first.hold(false)).toBe(true);
  expect(await second.hold(false)).toBe(false);
  const letGo = Promise.withResolvers<void>();
  const lost = vi.fn(() => letGo.promise);
  first.onLost(lost);
  let ours = false;
  const taking = second.hold(true).then((held) => {
    ours = held;
  });
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  expect(ours).toBe(false);
  letGo.resolve();
  await taking;
  expect(ours).toBe(true);
  // And back.
  expect(await first.hold(true)).toBe(true);
});

test('[UX-19] a tab that does not answer is passed over, and told', async () => {
  const open = browser();
  const [first, second] = [open(), open(10)];
  const lost = vi.fn(() => new Promise<void>(() => {}));
  first.onLost(lost);
  expect(await first.hold(false)).toBe(true);
  expect(await second.hold(true)).toBe(true);
  expect(lost).toHaveBeenCalledOnce();
});

test('what is ours already stays ours', async () => {
  const tabs = browser()();
  const lost = vi.fn(async () => {});
  tabs.onLost(lost);
  expect(await tabs.hold(false)).toBe(true);
  expect(await tabs.hold(true)).toBe(true);
  expect(lost).not.toHaveBeenCalled();
});
