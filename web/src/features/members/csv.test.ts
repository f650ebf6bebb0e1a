// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakeMember } from '../../core/fake/rooms.ts';
import { membersCsv } from './csv.ts';

test('a file of members has no identifier, and no formula', () => {
  const members = [
    fakeMember({
      id: '@a:x',
      name: 'Alix "Lex" Le Goff',
      organisation: 'Culture ; patrimoine',
      role: 'admin',
    }),
    fakeMember({ id: '@b:x', name: '=HYPERLINK("https://evil.example")' }),
  ];
  expect(membersCsv(['Nom', 'Organisation', 'Rôle'], members, (m) => m.role)).toBe(
    '\uFEFFNom;Organisation;Rôle\r\n' +
      '"Alix ""Lex"" Le Goff";"Culture ; patrimoine";admin\r\n' +
      `"'=HYPERLINK(""https://evil.example"")";;member\r\n`,
  );
});
