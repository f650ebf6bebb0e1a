// SPDX-License-Identifier: EUPL-1.2
// The port of what a person has set for themselves, on all their devices.
import type { QuietHours } from '../sw/quiet.ts';
import type { Live } from './live.ts';

export interface PersonalState {
  /** The first steps are still to be shown; false until the server has said so. */
  readonly welcome: boolean;
  /** On the red list: found by the whole address alone. */
  readonly hidden: boolean;
  /** A mail tells, after some hours, that messages wait. */
  readonly digest: boolean;
  /** When nothing calls. */
  readonly quiet: QuietHours;
}

export interface Personal {
  readonly state: Live<PersonalState>;
  dismissWelcome(): Promise<void>;
  /** At once here; taken back, with a Failure, when the server says no. */
  setHidden(hidden: boolean): Promise<void>;
  setDigest(digest: boolean): Promise<void>;
  setQuiet(quiet: QuietHours): Promise<void>;
}
