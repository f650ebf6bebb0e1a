// SPDX-License-Identifier: EUPL-1.2
// The port of looking for what was said, in all rooms one is in, with or without the network.
import type { Live } from './live.ts';
import type { Person } from './rooms.ts';

export interface SearchQuery {
  /** All of them, each the beginning of a word; what stands in quotation marks, one after the other. */
  readonly words: string;
  readonly roomId: string | undefined;
  readonly sender: string | undefined;
  /** From this moment on, and before that one; ms. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly filesOnly: boolean;
}

export interface FoundMessage {
  readonly id: string;
  readonly roomId: string;
  readonly sender: Person;
  readonly at: number;
  readonly text: string;
  readonly file: boolean;
  /** What was said just before and just after. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface SearchResult {
  /** The latest first. */
  readonly messages: readonly FoundMessage[];
  /** Of all that fit, also those that are not among `messages`. */
  readonly total: number;
  /** Who said what fits, and where, whatever person and room were asked for. */
  readonly people: readonly Person[];
  readonly roomIds: readonly string[];
}

/** How far back one may look. reading: older messages are on their way; whole: all that one may read is
 * there; cut: no more than that is kept; none: this browser keeps nothing. */
export interface SearchReach {
  readonly at: 'reading' | 'whole' | 'cut' | 'none';
  /** All that was said since is looked through; ms. Undefined: nothing has been read yet. */
  readonly since: number | undefined;
}

export interface Search {
  readonly reach: Live<SearchReach>;
  /** An aborted search gives what it has. */
  find(query: SearchQuery, most: number, signal: AbortSignal): Promise<SearchResult>;
  /** Somebody waits: older messages are read without a pause, until the function that it gives is called. */
  hurry(): () => void;
}
