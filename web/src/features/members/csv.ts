// SPDX-License-Identifier: EUPL-1.2
// The list of members as a file for a spreadsheet: name, organisation and role, no identifier.
import type { Member } from '../../core/rooms.ts';

/** A cell that a spreadsheet would take for a formula is text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** `roleOf`: a role in words. With what French spreadsheets want: a mark of order, semicolons, CRLF. */
export function membersCsv(
  head: readonly string[],
  members: readonly Member[],
  roleOf: (member: Member) => string,
): string {
  const rows = members.map((member) => [member.name, member.organisation ?? '', roleOf(member)]);
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(';')).join('\r\n')}\r\n`;
}
