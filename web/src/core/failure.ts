// SPDX-License-Identifier: EUPL-1.2
// What can go wrong, in the one form that the screens know. Never the server's own words: they are
// English and for programmers; the screens have words for each code (i18n/errors.ts).

interface FailureDetail {
  retryAfterMs?: number;
  softLogout?: boolean;
  reason?: string;
}

export class Failure extends Error {
  /** A Matrix errcode, or one of ours: OFFLINE, RUBBISH, WRONG_CODE, WRONG_QR, NO_CAMERA, INVITATION_REFUSED, STORAGE,
   * BROKEN_FILE, UNREADABLE_FILE, ABORTED, IDENTITY_CHANGED (of somebody in the room), IDENTITY_REPLACED (one's
   * own), UNEXPECTED. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly softLogout: boolean;
  /** What our server adds to some errcodes (org.chappe.reason). */
  readonly reason: string | undefined;

  constructor(code: string, status = 0, more: FailureDetail = {}) {
    super(code);
    this.name = 'Failure';
    this.code = code;
    this.status = status;
    this.retryAfterMs = more.retryAfterMs;
    this.softLogout = more.softLogout ?? false;
    this.reason = more.reason;
  }
}

interface MatrixErrorLike {
  errcode?: unknown;
  httpStatus?: unknown;
  data?: { retry_after_ms?: unknown; soft_logout?: unknown; 'org.chappe.reason'?: unknown };
  name?: unknown;
}

/** It stops what was asked for now, and not for what it is: the same may be asked again by itself. */
export const isPassing = ({ code, status }: Failure): boolean =>
  code === 'OFFLINE' || code === 'M_LIMIT_EXCEEDED' || [502, 503, 504].includes(status);

/** Of anything that was thrown: by the SDK, by ourselves. What fetch itself throws is told by who calls it. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const error = (thrown ?? {}) as MatrixErrorLike;
  const status = typeof error.httpStatus === 'number' ? error.httpStatus : 0;
  if (typeof error.errcode === 'string') {
    const wait = error.data?.retry_after_ms;
    const reason = error.data?.['org.chappe.reason'];
    return new Failure(error.errcode, status, {
      ...(typeof wait === 'number' ? { retryAfterMs: wait } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
      softLogout: error.data?.soft_logout === true,
    });
  }
  if (status > 0) return new Failure('RUBBISH', status);
  // The SDK's name for all that fetch throws; a TypeError of any other place is a fault of ours.
  if (error.name === 'ConnectionError') return new Failure('OFFLINE');
  if (error.name === 'QuotaExceededError') return new Failure('STORAGE');
  return new Failure('UNEXPECTED');
}

/** Of what fetch throws, or a part of the program that could not be loaded: no answer came. */
export const failureOfFetch = (thrown: unknown): Failure =>
  thrown instanceof TypeError ? new Failure('OFFLINE') : failureOf(thrown);
