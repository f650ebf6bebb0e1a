// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { later } from './later.ts';

class Counter {
  readonly name: string = 'there';
  readonly calls: string[] = [];
  async add(word: string): Promise<number> {
    return this.calls.push(word);
  }
}

test('calls wait for what is on its way, and are made in their order', async () => {
  const { promise: coming, resolve: come } = Promise.withResolvers<Counter>();
  const early = later(coming, { name: 'early', calls: [] });
  expect(early.name).toBe('early');
  const answers = [early.add('one'), early.add('two')];
  const counter = new Counter();
  come(counter);
  expect(await Promise.all(answers)).toEqual([1, 2]);
  expect(counter.calls).toEqual(['one', 'two']);
});

test('they reject when it never comes; it is not a promise itself', async () => {
  const early = later(Promise.reject<Counter>(new Error('gone')), { name: 'early', calls: [] });
  await expect(early.add('one')).rejects.toThrow('gone');
  expect(await early).toBe(early);
});
