// SPDX-License-Identifier: EUPL-1.2
// Hours in which nothing calls, as one's account has them: the page and its worker go by the same.

/** In the hours of the device, wherever it is. */
export interface QuietHours {
  readonly on: boolean;
  /** Minutes of the day. From later than until: over midnight; both the same: no hours of the day. */
  readonly from: number;
  readonly until: number;
  /** All of Saturday and Sunday. */
  readonly weekend: boolean;
}

const DAY = 24 * 60;
export const NO_QUIET: QuietHours = { on: false, from: 19 * 60, until: 8 * 60, weekend: true };

const minuteOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < DAY ? value : otherwise;

/** What is not as it should be counts as absent. */
export function quietOf(content: unknown): QuietHours {
  const { on, from, until, weekend } = (typeof content === 'object' && content !== null ? content : {}) as {
    [K in keyof QuietHours]?: unknown;
  };
  return {
    on: on === true,
    from: minuteOf(from, NO_QUIET.from),
    until: minuteOf(until, NO_QUIET.until),
    weekend: weekend !== false,
  };
}

export function isQuiet({ on, from, until, weekend }: QuietHours, now: Date): boolean {
  if (!on) return false;
  if (weekend && (now.getDay() === 0 || now.getDay() === 6)) return true;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}
