// SPDX-License-Identifier: EUPL-1.2
import { failureOf } from '../failure.ts';

/** Whatever the SDK throws comes out as a Failure. */
export async function telling<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw failureOf(error);
  }
}
