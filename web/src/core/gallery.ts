// SPDX-License-Identifier: EUPL-1.2
// The port of what was attached in a room, gone through from the last to the first.
import type { Failure } from './failure.ts';
import type { Live } from './live.ts';
import type { Message } from './timeline.ts';

export interface GalleryState {
  /** Each has a file, the last one first. */
  readonly items: readonly Message[];
  readonly atStart: boolean;
  readonly loading: boolean;
  readonly failure: Failure | undefined;
}

export interface Gallery {
  readonly state: Live<GalleryState>;
  /** Goes further back, until something was found or there is no more. */
  more(): Promise<void>;
}
