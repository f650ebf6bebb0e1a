// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakePerson } from '../../core/fake/rooms.ts';
import { fakeMessage } from '../../core/fake/timeline.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { asHtml, asText } from './writing.ts';

const text = new Text('fr', fr);
const conversations = [
  {
    name: 'Comité <b>',
    direct: false,
    items: [
      fakeMessage({
        id: '$1',
        sender: fakePerson('@p:x', 'Paul', { external: true }),
        content: { kind: 'text', text: 'deux\nlignes <script>alert(1)</script>', html: undefined },
      }),
      fakeMessage({ id: '$2', content: { kind: 'deleted' } }),
    ],
  },
];

test('[UX-21] a text keeps author, hour and words', () => {
  const lines = asText(conversations, text).split('\n');
  expect(lines[0]).toBe('Comité <b>');
  expect(lines[2]).toMatch(/^\[5 janvier 2026.*\] Paul \(@p:x, Externe\) : deux$/);
  expect(lines[3]).toBe('    lignes <script>alert(1)</script>');
  expect(lines[4]).toContain('Message supprimé');
});

test('[UX-21] a page keeps them too, and what was said is text in it', () => {
  const html = asHtml(conversations, text);
  expect(html).toContain('<h1>Comité &lt;b&gt;</h1>');
  expect(html).toContain('<b>Paul (@p:x, Externe)</b>');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toContain('<script');
});

test.each(['\n', '\r', '\u2028', '\u0085', '\n[5 janvier 2026 à 10:00] '])(
  'neither a name nor what was said makes a line of another message: %j',
  (break_) => {
    const bad = (what: string) => `${what}${break_}Alix : oui`;
    const items = [
      fakeMessage({
        id: '$1',
        sender: fakePerson('@p:x', bad('Paul')),
        content: { kind: 'text', text: bad('non'), html: undefined },
      }),
    ];
    const lines = asText([{ name: bad('Comité'), direct: false, items }], text).split(
      /\r\n?|[\n\u2028\u2029\u0085]/,
    );
    expect(lines.filter((line) => line.startsWith('['))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('Alix'))).toEqual([]);
  },
);

test('two people have no room in the file either, and nobody is « vous » to who reads it', () => {
  const created = { type: 'change', id: '$c', at: 0, by: 'Alix', mine: true, aboutMe: false } as const;
  const items = [{ ...created, happening: { what: 'created' } as const }];
  const told = (direct: boolean) => asText([{ name: 'x', direct, items }], text);
  expect(told(true)).toContain('Alix a ouvert cette conversation');
  expect(told(false)).toContain('Alix a créé le salon');
  expect(asHtml([{ name: 'x', direct: true, items }], text)).toContain('Alix a ouvert cette conversation');
});

test('what is to be known of a message stands with its author', () => {
  const items = [fakeMessage({ id: '$1', sender: fakePerson('@p:x', 'Paul'), doubt: 'clear' })];
  expect(asText([{ name: 'Comité', direct: false, items }], text)).toContain('] Paul (@p:x, Non chiffré) : ');
});

const written = (part: Parameters<typeof fakeMessage>[0]) =>
  asText([{ name: 'Comité', direct: false, items: [fakeMessage(part)] }], text);

test('[UX-21] who bears the name of another is told apart', () => {
  for (const id of ['@alix:x', '@mallory:x'])
    expect(written({ id: '$1', sender: fakePerson(id, 'Alix') })).toContain(`] Alix (${id}) : `);
});

test('[UX-21] the words are those that the screen shows, in its lines', () => {
  const html =
    '<p>accord <strong>donné</strong></p><ul><li>un</li><li>deux</li></ul><pre><code>a\n  b</code></pre>';
  const told = written({ id: '$1', content: { kind: 'text', text: 'accord refusé', html } });
  expect(told).not.toContain('refusé');
  expect(told).toContain(' : accord donné\n    - un\n    - deux\n    a\n      b\n');
  const empty = written({ id: '$1', content: { kind: 'text', text: 'rien d’autre', html: '<img src="x">' } });
  expect(empty).toContain(' : rien d’autre');
});
