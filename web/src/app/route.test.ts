// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { hrefOf, parseRoute, type Route } from './route.ts';

test.each<Route>([
  { at: 'rooms' },
  { at: 'settings' },
  { at: 'signIn' },
  { at: 'signUp', address: undefined },
  { at: 'signUp', address: 'a.b+c@partenaire.example' },
  { at: 'reset' },
  { at: 'room', roomId: '!a/b:example.org', eventId: undefined },
  { at: 'room', roomId: '!0123abc', eventId: '$e/é' },
])('an address says where one is, and back: %o', (route) => {
  expect(parseRoute(hrefOf(route))).toEqual(route);
});

test('the mail of an invitation leads to sign-up with its address', () => {
  expect(parseRoute("#/inscription/p.o'neil@partenaire.example")).toEqual({
    at: 'signUp',
    address: "p.o'neil@partenaire.example",
  });
});

test.each(['', '#', '#/ici', '#/x/y', '#/salon', '#/salon/%E0%A4%A'])('%s means the list', (hash) => {
  expect(parseRoute(hash)).toEqual({ at: 'rooms' });
});
