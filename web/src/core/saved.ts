// SPDX-License-Identifier: EUPL-1.2
// The port of messages that one keeps at hand. What is written down, on all of one's devices, is where they
// are and never what they say: a message of an encrypted room stays where it is encrypted.
import type { Live } from './live.ts';
import type { Message } from './timeline.ts';

export interface SavedPlace {
  readonly roomId: string;
  readonly id: string;
}

export interface SavedMessage extends SavedPlace {
  /** Undefined: it cannot be had any more. */
  readonly message: Message | undefined;
}

export interface Saved {
  /** The last that was kept first. */
  readonly list: Live<readonly SavedPlace[]>;
  set(place: SavedPlace, saved: boolean): Promise<void>;
  load(places: readonly SavedPlace[]): Promise<readonly SavedMessage[]>;
}
