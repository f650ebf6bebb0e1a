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

/** What is made of it, drawn anew only when that changes: the same object, or an equal word or number. */
export function useLivePart<T, Part>(live: Watchable<T>, part: (value: T) => Part): Part {
  return useSyncExternalStore(live.subscribe, () => part(live.get()));
}
