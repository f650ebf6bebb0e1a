// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakeSummary } from '../core/fake/rooms.ts';
import { FakeSession } from '../core/fake/session.ts';
import { diagnostic } from './diagnostic.ts';
import { Preferences } from './preferences.ts';

test('[UX-22] the diagnostic tells how things are, and nobody’s name, identifier or words', () => {
  const session = new FakeSession();
  session.rooms.list.set([
    fakeSummary({ id: '!secret:example.org', name: 'Projet Astrolabe', kind: 'open' }),
  ]);
  const preferences = new Preferences({ getItem: () => null, setItem: () => {} }, ['fr']);
  const text = diagnostic(session, preferences, {
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/153',
    width: 1280,
    height: 800,
    online: true,
    persisted: false,
    usage: 2048,
  });
  expect(text).toContain('browser: Chappe (Firefox, Linux)');
  expect(text).toContain('rooms: direct 0, private 0, open 1, public 0');
  expect(text).toContain('storage: may be wiped, 2 KiB');
  expect(text).not.toMatch(/secret|Astrolabe|camille|example\.org|DEVICE/i);
});
