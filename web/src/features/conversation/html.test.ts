// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { cleanHtml, layOut, mentionsIn } from './html.ts';

// What others send is cleaned in a real browser: tests/e2e/talking.test.ts, [WEB-01] and [WEB-02].

test('Markdown becomes HTML, plain text does not', async () => {
  expect(await layOut('bonjour', [])).toBeUndefined();
  expect(await layOut('deux\nlignes', [])).toBeUndefined();
  expect(await layOut('un mot **gras**', [])).toContain('<strong>gras</strong>');
  expect(await layOut('- un\n- deux', [])).toContain('<li>un</li>');
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
