// SPDX-License-Identifier: EUPL-1.2
// The port of what is pinned in a room.
import type { Live } from './live.ts';
import type { Message } from './timeline.ts';

export interface Pins {
  /** Messages that are pinned, the last pinned first. */
  readonly ids: Live<readonly string[]>;
  /** As far as they can be had: deleted ones, and those one may not see, are left out. */
  load(ids: readonly string[]): Promise<readonly Message[]>;
  set(id: string, pinned: boolean): Promise<void>;
}
