// SPDX-License-Identifier: EUPL-1.2
// Calls to what is still on its way.

/** What answers with a promise, and can therefore wait. */
type Waits<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof T];

/** What it has to say at once. */
export type AtOnce<T> = Omit<T, Waits<T>>;

/** Stands for what is on its way: each of its calls is made once it is there, in the order in which they
 * came, and rejects when it never comes. What does not answer with a promise is given here, and what is done
 * otherwise. */
export function later<T extends object>(coming: Promise<T>, atOnce: AtOnce<T> & Partial<T>): T {
  // That it does not come is told to who asks.
  coming.catch(() => {});
  const calls =
    (name: keyof T) =>
    async (...args: unknown[]) => {
      const there = await coming;
      return (there[name] as (...given: unknown[]) => unknown).apply(there, args);
    };
  return new Proxy(atOnce, {
    // A promise of it is not taken for a promise.
    get: (target, name) =>
      name in target || name === 'then' || typeof name === 'symbol'
        ? Reflect.get(target, name)
        : calls(name as keyof T),
  }) as T;
}
