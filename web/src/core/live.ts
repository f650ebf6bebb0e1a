// SPDX-License-Identifier: EUPL-1.2
// A value that changes and says so. What is got is a snapshot: it is never changed in place.

export interface Live<T> {
  get(): T;
  /** Calls back after each change until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export class Cell<T> implements Live<T> {
  private readonly listeners = new Set<() => void>();
  private value: T;

  constructor(value: T) {
    this.value = value;
  }

  readonly get = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of new Set(this.listeners)) listener();
  }

  patch(part: Partial<T>): void {
    this.set({ ...this.value, ...part });
  }
}

/** Resolves with the first value that passes, at once when it already does. */
export function until<T>(live: Live<T>, passes: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const look = () => {
      const value = live.get();
      if (!passes(value)) return;
      stop();
      resolve(value);
    };
    const stop = live.subscribe(look);
    look();
  });
}

/** From when it is there, the cell says what the source says. One that never comes changes nothing. */
export function follow<T>(cell: Cell<T>, source: Promise<Live<T>>): void {
  source.then(
    (live) => {
      live.subscribe(() => cell.set(live.get()));
      cell.set(live.get());
    },
    () => {},
  );
}
