// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakePerson } from '../../core/fake/rooms.ts';
import { fakeMessage } from '../../core/fake/timeline.ts';
import type { Change, Happening } from '../../core/timeline.ts';
import { rowsOf } from './rows.ts';

const NOON = new Date(2026, 0, 5, 12).getTime();
const MINUTE = 60_000;
const DAY = 86_400_000;
const types = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => row.type);
const locked = (id: string, lock: 'waiting' | 'device' = 'waiting') =>
  fakeMessage({ id, at: NOON, content: { kind: 'locked', lock } });

test('a day is marked once', () => {
  const items = [0, MINUTE, DAY].map((later, i) => fakeMessage({ id: `$${i}`, at: NOON + later }));
  expect(types(rowsOf(items, undefined))).toEqual(['day', 'message', 'message', 'day', 'message']);
});

test('a sender is named again after another one, after a pause, and when they reply', () => {
  const other = fakePerson('@sacha:example.org', 'Sacha');
  const items = [
    fakeMessage({ id: '$1', at: NOON }),
    fakeMessage({ id: '$2', at: NOON + MINUTE }),
    fakeMessage({ id: '$3', at: NOON + 10 * MINUTE }),
    fakeMessage({ id: '$4', at: NOON + 10 * MINUTE, sender: other }),
    fakeMessage({
      id: '$5',
      at: NOON + 10 * MINUTE,
      sender: other,
      replyTo: { id: '$1', sender: 'A', mine: false, text: '', doubt: undefined },
    }),
  ];
  const named = rowsOf(items, undefined).flatMap((row) => (row.type === 'message' ? [row.named] : []));
  expect(named).toEqual([true, false, true, true, true]);
});

test('[UX-13] the line of new messages stands after what was read, when another has written', () => {
  const mine = fakeMessage({ id: '$2', at: NOON, mine: true });
  const theirs = fakeMessage({ id: '$3', at: NOON });
  expect(types(rowsOf([fakeMessage({ id: '$1', at: NOON }), mine, theirs], '$1'))).toEqual([
    'day',
    'message',
    'new',
    'message',
    'message',
  ]);
  expect(types(rowsOf([fakeMessage({ id: '$1', at: NOON }), mine], '$1'))).not.toContain('new');
});

test('[UX-4] several locked messages in a row are one row; another reason is another', () => {
  const rows = rowsOf([locked('$1'), locked('$2'), locked('$3', 'device')], undefined);
  expect(rows.slice(1)).toMatchObject([
    { type: 'locked', count: 2, lock: 'waiting' },
    { type: 'locked', count: 1, lock: 'device' },
  ]);
});

test('what happens to a room in a row is one row, and its maker comes once', () => {
  const change = (id: string, happening: Happening): Change => ({
    type: 'change',
    id,
    at: NOON,
    by: 'Camille',
    mine: false,
    aboutMe: false,
    happening,
  });
  const rows = rowsOf(
    [
      change('$1', { what: 'created' }),
      change('$2', { what: 'joined', whom: 'Camille' }),
      change('$3', { what: 'encrypted' }),
      fakeMessage({ id: '$4', at: NOON }),
      change('$5', { what: 'left', whom: 'Camille' }),
    ],
    undefined,
  );
  expect(types(rows)).toEqual(['day', 'changes', 'message', 'changes']);
  expect(rows[1]).toMatchObject({ changes: [{ id: '$1' }, { id: '$3' }] });
});
