// SPDX-License-Identifier: EUPL-1.2
import type { Credentials, SignUpOffer } from '../../core/entry.ts';

/** Told who has come in, the password, which the first set-up of the device may have to show, and whether
 * the account was made just now. */
export type Arrived = (credentials: Credentials, password: string, made: boolean) => void;

/** As the server counts: in bytes. */
export const isShort = (password: string, offer: SignUpOffer | undefined): boolean =>
  new TextEncoder().encode(password).length < (offer?.passwordLeast ?? 0);
