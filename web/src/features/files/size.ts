// SPDX-License-Identifier: EUPL-1.2
import type { Key, Text } from '../../i18n/text.ts';

const UNITS = ['file.bytes', 'file.kilobytes', 'file.megabytes', 'file.gigabytes'] as const satisfies Key[];

/** "1,2 Mo". */
export function sizeText({ t }: Text, bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  const rounded = size < 10 && unit > 0 ? Math.round(size * 10) / 10 : Math.round(size);
  return t(UNITS[unit] ?? 'file.bytes', { size: rounded });
}
