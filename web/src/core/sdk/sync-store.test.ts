// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { SyncStore } from './sync-store.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('what the SDK keeps is not written while a visit begins, but later, and whenever it is asked for', () => {
  vi.useFakeTimers();
  const store = new SyncStore({ indexedDB, dbName: 'test' });
  const write = vi.spyOn(store as unknown as { reallySave: () => void }, 'reallySave').mockReturnValue();
  void store.save();
  vi.advanceTimersByTime(10_000);
  void store.save();
  expect(write).not.toHaveBeenCalled();
  void store.save(true);
  expect(write).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(11_000);
  void store.save();
  expect(write).toHaveBeenCalledTimes(2);
});
