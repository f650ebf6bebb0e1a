// SPDX-License-Identifier: EUPL-1.2
// The port of what keeps messages readable: the account's identity, the backup, the code that opens it
// again, and the trust between one's own devices. All of it is set up without a question asked.
import type { Failure } from './failure.ts';
import type { Live } from './live.ts';

export type SafetyState =
  | { readonly at: 'unknown' | 'settingUp' }
  /** All is well. `code`: the recovery code, while it is not known to be in safe hands. */
  | { readonly at: 'ready'; readonly code: string | undefined }
  /** A new device: earlier messages cannot be read until it is let in. `replaced`: it was let in, and the
   * account has another identity since: nothing that is encrypted leaves it until it is let in again. */
  | {
      readonly at: 'locked';
      readonly replaced: boolean;
      readonly hasCode: boolean;
      readonly hasOtherDevice: boolean;
    }
  | { readonly at: 'failed'; readonly failure: Failure };

export type ComparisonStep =
  | 'asking' /* the other device has to accept */
  | 'asked' /* the other device asks us */
  | 'preparing'
  | 'choosing' /* one device reads the code of the other, or both show pictures */
  | 'recognised' /* the code that was read here; the other device has to confirm */
  | 'read' /* some device has read the code of this one */
  | 'comparing'
  | 'confirmed' /* here; the other device has to say so too */
  | 'done'
  | 'mismatch'
  | 'stopped';

/** Two devices of one person: one reads what the other shows, or they show the same seven pictures; else
 * somebody stands between them. */
export interface Comparison {
  readonly step: ComparisonStep;
  readonly pictures: readonly string[];
  /** What a QR code shows that the other device may read; undefined: it cannot. */
  readonly code: Uint8Array | undefined;
  /** The other device shows one that may be read here. */
  readonly mayRead: boolean;
}

export interface Safety {
  readonly state: Live<SafetyState>;
  readonly comparison: Live<Comparison | undefined>;
  /** Tries again after `failed`. */
  retry(): Promise<void>;
  /** When the code was last offered for safekeeping, and that it is in safe hands. */
  lastOffered(): Promise<number | undefined>;
  noteOffered(): Promise<void>;
  noteSaved(): Promise<void>;
  /** Throws WRONG_CODE when it is not the code. */
  unlock(code: string): Promise<void>;
  /** A new identity, backup and code; what only the lost code opened is lost. */
  restart(password: string): Promise<void>;

  compare(): Promise<void>;
  acceptComparison(): Promise<void>;
  /** Pictures, and not the code. */
  choosePictures(): Promise<void>;
  /** Throws WRONG_QR when that is not the code that the other device shows now. */
  readCode(code: Uint8Array): Promise<void>;
  /** After "read". */
  confirmRead(mine: boolean): Promise<void>;
  confirmPictures(same: boolean): Promise<void>;
  /** Stops one that is not over, and forgets it. */
  closeComparison(): Promise<void>;
}
