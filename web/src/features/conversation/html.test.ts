// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { cleanHtml, layOut, mentionsIn } from './html.ts';

// What others send is cleaned in a real browser: tests/e2e/talking.test.ts, [WEB-01] and [WEB-02].

test('Markdown becomes HTML, plain text does not', async () => {
  expect(await layOut('bonjour', [])).toBeUndefined();
  expect(await layOut('deux\nlignes', [])).toBeUndefined();
  expect(await layOut('un mot **gras**', [])).toContain('<strong>gras</strong>');
  expect(await layOut('- un\n- deux', [])).toContain('<li>un</li>');
});

test.each([
  'Bonjour, comment vas-tu ? Très bien ; merci !',
  'Rendez-vous à 14 h 30 (salle 3), le 12/05 ; « à bientôt » … 50 % - peut-être.',
  'C\'est l’heure : 10:45. Voir p. 3, 4 et 5 / 6.\nDeuxième ligne\nTroisième, {x} $y ^z "w" €',
  'a  b   c    d',
  'bonjour 👋 à 1.5 m, v2.0 (bis)',
])('what has no sign of Markdown is left alone by it: %s', async (text) => {
  vi.doMock('./markdown.ts', () => {
    throw new Error('it is not loaded');
  });
  expect(await layOut(text, [])).toBeUndefined();
  vi.doUnmock('./markdown.ts');
  const { htmlOf } = await import('./markdown.ts');
  expect(htmlOf(text)).not.toMatch(/<(?!\/?p>|br>)/);
});

test.each([
  '- un',
  '1. un',
  '1) un',
  '    code',
  'a *b*',
  '_a_',
  '`a`',
  '~~a~~',
  '# a',
  '> a',
  '[a](https://b.example)',
  'https://a.example',
  'www.a.example',
  'a@b.example',
  'a | b\n--|--\nc | d',
  'titre\n===',
  'titre\n---',
  '+ a',
  'a\n\n  - b',
  'a\n\nb',
])('what Markdown lays out is given to it: %s', async (text) => {
  expect(await layOut(text, [])).toBeDefined();
});

test('what looks like HTML in a typed text is text', async () => {
  expect(await layOut('<b>non</b> **oui**', [])).toContain('&lt;b');
  expect(await layOut('<img src=x onerror=alert(1)>', [])).toBeUndefined();
});

test('a mention is a link to the person', async () => {
  const html = await layOut('merci @Alix', [{ id: '@alix:example.org', name: 'Alix' }]);
  expect(html).toContain('href="https://matrix.to/#/@alix');
});

test.each([
  '$&',
  'A](https://ailleurs.example) [B',
  '<i>Paul</i> & co',
  'a_b*c`d`',
  'www.ailleurs.example',
  'x:y',
])('a name is one, whatever it is made of: %s', async (name) => {
  const html = (await layOut(`merci @${name}, à demain`, [{ id: '@alix:example.org', name }])) ?? '';
  const page = document.createElement('div');
  page.innerHTML = html;
  const links = [...page.querySelectorAll('a')];
  expect(links.map((link) => [link.getAttribute('href'), link.textContent])).toEqual([
    ['https://matrix.to/#/@alix%3Aexample.org', `@${name}`],
  ]);
  expect(page.textContent?.trim()).toBe(`merci @${name}, à demain`);
  expect(mentionsIn(html)).toEqual([{ id: '@alix:example.org', name }]);
});

test('of two names that begin alike each is its own', async () => {
  const people = [
    { id: '@jean:x', name: 'Jean' },
    { id: '@paul:x', name: 'Jean Paul' },
  ];
  expect(mentionsIn(await layOut('@Jean Paul et @Jean', people))).toEqual([people[1], people[0]]);
});

test('[WEB-04] a text too long to be laid out is shown plain', () => {
  expect(cleanHtml(`<p>${'a'.repeat(70_000)}</p>`)).toBeUndefined();
});
