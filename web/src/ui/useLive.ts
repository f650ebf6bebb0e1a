// SPDX-License-Identifier: EUPL-1.2
import { useSyncExternalStore } from 'react';

/** A value that changes and says so (structurally core/live.ts, which ui/ does not know). */
export interface Watchable<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

export function useLive<T>(live: Watchable<T>): T {
  return useSyncExternalStore(live.subscribe, live.get);
}
