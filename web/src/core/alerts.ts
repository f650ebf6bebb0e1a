// SPDX-License-Identifier: EUPL-1.2
// The port of what calls for attention: events that the push rules of the account say to tell, as they
// come; and those rules, as far as one sets them here.
import type { Live } from './live.ts';

export interface Alert {
  readonly id: string;
  readonly roomId: string;
  readonly room: string;
  readonly kind: 'message' | 'mention' | 'invitation';
  /** Between two people: the room's name is the sender's. */
  readonly direct: boolean;
  readonly sender: string;
  /** The sender is an outside partner. */
  readonly external: boolean;
  /** A text's words, a file's name; undefined where there are none. */
  readonly text: string | undefined;
}

/** Of which messages one is told, where a room says nothing of its own: of all; of direct ones and
 * mentions; of mentions. `mixed`: as another client has set it. */
export type Attention = 'all' | 'direct' | 'mentions' | 'mixed';

export interface Alerts {
  readonly attention: Live<Attention>;
  setAttention(attention: Exclude<Attention, 'mixed'>): Promise<void>;
  subscribe(listener: (alert: Alert) => void): () => void;
}
