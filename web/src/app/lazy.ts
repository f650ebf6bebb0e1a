// SPDX-License-Identifier: EUPL-1.2
// What the first screen does not load: the SDK, the cryptography, and the screens that need them.
import { lazy } from 'react';

export const loadSession = () => import('../core/sdk/start.ts');
const loadHouse = () => import('./House.tsx');

/** What a later visit begins with: screens alone. */
export async function loadEarly() {
  const [early] = await Promise.all([import('../core/early-session.ts'), loadHouse()]);
  return early;
}

export const House = lazy(() => loadHouse().then((module) => ({ default: module.House })));

export function prefetch(): void {
  void loadSession().then((module) => module.prefetchCryptography());
  void loadHouse();
}
