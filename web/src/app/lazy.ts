// SPDX-License-Identifier: EUPL-1.2
// What the first screen does not load: the SDK, the cryptography, and the screens that need them.
import { lazy } from 'react';
import type { Credentials } from '../core/entry.ts';

export const loadSession = () => import('../core/sdk/start.ts');
const loadHouse = () => import('./House.tsx');

/** Where no session could be made. */
export async function endDevice(credentials: Credentials): Promise<void> {
  const ending = await import('../core/ending.ts');
  await ending.endDevice(credentials);
}

/** What a later visit begins with: screens alone. */
export async function loadEarly() {
  const [early] = await Promise.all([import('../core/early-session.ts'), loadHouse()]);
  return early;
}

export const House = lazy(() => loadHouse().then((module) => ({ default: module.House })));

export function prefetchSession(): void {
  void loadSession().then((module) => module.prefetchCryptography());
  void loadHouse();
}
