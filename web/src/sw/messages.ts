// SPDX-License-Identifier: EUPL-1.2
// What the page and its service worker say to each other.

import type { QuietHours } from './quiet.ts';

export type ToWorker =
  /** The version that waits takes over now. */
  | { readonly kind: 'update' }
  /** What notifications are written in when no page is open. */
  | { readonly kind: 'language'; readonly language: 'fr' | 'en' }
  /** When nothing calls. */
  | { readonly kind: 'quiet'; readonly quiet: QuietHours };

export type ToPage =
  /** A notification was chosen; without a room, the list. */
  | { readonly kind: 'open'; readonly roomId: string | undefined }
  /** A push has come; `test` is what the test that asked for it was given. */
  | { readonly kind: 'pushed'; readonly test: string | undefined }
  /** The subscription to pushes is no longer the one that the server knows. */
  | { readonly kind: 'subscription' };

/** What a notification of ours carries. */
export interface NoticeData {
  readonly roomId: string | undefined;
  readonly eventId: string | undefined;
}
