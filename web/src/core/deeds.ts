// SPDX-License-Identifier: EUPL-1.2
// The port of what is done a moment after it was asked for, so that it can be taken back.

export type Deed =
  | { readonly what: 'remove'; readonly roomId: string; readonly eventId: string }
  /** `successor`: who becomes an administrator before. */
  | { readonly what: 'leave'; readonly roomId: string; readonly successor: string | undefined };

export interface Deeds {
  /** Kept on this device from then on: what the end of the page leaves undone is done at the next visit. */
  intend(deed: Deed): Promise<void>;
  /** It is not to be done. */
  takeBack(deed: Deed): Promise<void>;
  /** Now, or when there is a network again. Rejects with why it is refused. */
  carryOut(deed: Deed): Promise<void>;
}
