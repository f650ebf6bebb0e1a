// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeSummary } from '../core/fake/rooms.ts';
import { FakeSession } from '../core/fake/session.ts';
import { land } from './useLanding.ts';

const invitation = fakeSummary({ id: '!projet', membership: 'invite' });

beforeEach(() => {
  window.location.hash = '#/';
});

test('a guest who comes from an invitation lands in its room', async () => {
  const session = new FakeSession();
  session.me.patch({ external: true });
  const landing = land(session);
  session.rooms.list.set([invitation]);
  await landing;
  expect(window.location.hash).toBe('#/salon/!projet');
  expect(session.rooms.list.get()[0]?.membership).toBe('join');
});

test('an agent lands before the door', async () => {
  const session = new FakeSession();
  session.rooms.list.set([invitation]);
  const accept = vi.spyOn(session.rooms, 'accept');
  await land(session);
  expect(window.location.hash).toBe('#/salon/!projet');
  expect(accept).not.toHaveBeenCalled();
});

test('an invitation that comes later leads nowhere', async () => {
  vi.useFakeTimers();
  const session = new FakeSession();
  session.me.patch({ external: true });
  const landing = land(session);
  await vi.advanceTimersByTimeAsync(30_000);
  await landing;
  session.rooms.list.set([invitation]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(window.location.hash).toBe('#/');
  expect(session.rooms.list.get()[0]?.membership).toBe('invite');
  vi.useRealTimers();
});

test('nor does one that is taken back, or that finds the person elsewhere', async () => {
  const session = new FakeSession();
  session.me.patch({ external: true, known: false });
  const accept = vi.spyOn(session.rooms, 'accept');
  session.rooms.list.set([invitation]);
  const first = land(session);
  session.rooms.list.set([]);
  session.me.patch({ known: true });
  await first;
  expect(window.location.hash).toBe('#/');
  session.rooms.list.set([invitation]);
  window.location.hash = '#/reglages';
  await land(session);
  expect(window.location.hash).toBe('#/reglages');
  expect(accept).not.toHaveBeenCalled();
});
