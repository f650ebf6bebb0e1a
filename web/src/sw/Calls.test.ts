// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Calls, type Page, readPush } from './Calls.ts';
import type { ToPage } from './messages.ts';

interface Shown {
  title: string;
  body: string | undefined;
  tag: string | undefined;
  data: unknown;
  silent: boolean | null | undefined;
}

function world(pages: Partial<Page>[] = [], quiet = false) {
  const shown: Shown[] = [];
  const said: ToPage[] = [];
  const opened: string[] = [];
  const badges: number[] = [];
  const focused: number[] = [];
  const calls = new Calls({
    pages: async () =>
      pages.map((page, i) => ({
        focused: false,
        visibilityState: 'hidden',
        postMessage: (message) => said.push(message),
        focus: async () => focused.push(i),
        ...page,
      })),
    openWindow: async (address) => opened.push(address),
    shown: async (tag) => shown.filter((one) => one.tag === tag) as unknown as Notification[],
    show: async (title, { body, tag, data, silent }) => void shown.push({ title, body, tag, data, silent }),
    badge: async (count) => void badges.push(count),
    language: async () => 'fr',
    quiet: async () => quiet,
  });
  return { calls, shown, said, opened, badges, focused };
}

const push = (part: object) => readPush(JSON.stringify(part));
const ONE = { room_id: '!a:own.example', event_id: '$1', counts: { unread: 1 } };

test('a push with identifiers only says that a message has come, and how many wait', async () => {
  const { calls, shown, badges } = world();
  await calls.pushed(push(ONE));
  await calls.pushed(push({ ...ONE, event_id: '$2', counts: { unread: 3 } }));
  expect(shown.map(({ title, body, tag }) => [title, body, tag])).toEqual([
    ['Nouveau message', 'Ouvrez la messagerie pour le lire.', '!a:own.example'],
    ['Nouveau message', '3 messages non lus', '!a:own.example'],
  ]);
  expect(shown[1]!.data).toEqual({ roomId: '!a:own.example', eventId: '$2' });
  expect(badges).toEqual([1, 3]);
});

test('[UX-14] in quiet hours a push makes no sound; a test that one has asked for does', async () => {
  const { calls, shown } = world([], true);
  await calls.pushed(push(ONE));
  await calls.pushed(push({ test: 'r4nd0m' }));
  expect(shown.map(({ silent }) => silent)).toEqual([true, false]);
});

test('what the page has told already is not told again, nor what one looks at', async () => {
  const { calls, shown } = world([{ visibilityState: 'visible' }]);
  await calls.pushed(push(ONE));
  await calls.pushed(push(ONE));
  expect(shown).toHaveLength(1);
  const looking = world([{ focused: true }]);
  await looking.calls.pushed(push(ONE));
  expect(looking.shown).toHaveLength(0);
  expect(looking.badges).toEqual([1]);
});

test('a push that cannot be read still says that something came, and nothing of what it holds', async () => {
  for (const text of [undefined, '', '[1]', 'null', '{"room_id":7,"counts":{"unread":-1}}', '<html>']) {
    const { calls, shown } = world();
    await calls.pushed(readPush(text));
    expect(shown.map((one) => [one.title, one.data])).toEqual([
      ['Nouveau message', { roomId: undefined, eventId: undefined }],
    ]);
  }
  expect(readPush(JSON.stringify({ room_id: 'x'.repeat(256) })).roomId).toBeUndefined();
});

test('a test is told to the page that waits for it, also to one that is looked at', async () => {
  const { calls, shown, said } = world([{ focused: true }]);
  await calls.pushed(push({ test: 'abc' }));
  expect(said).toEqual([{ kind: 'pushed', test: 'abc' }]);
  expect(shown.map((one) => one.title)).toEqual(['Notification d’essai']);
});

test('a notification that is chosen opens its room, in the page that is there, else in a new one', async () => {
  const data = { roomId: '!a:own.example', eventId: '$1' };
  const closed = world();
  await closed.calls.chosen(data);
  await closed.calls.chosen(null);
  expect(closed.opened).toEqual(['/#/salon/!a%3Aown.example', '/']);
  const open = world([{}, { visibilityState: 'visible' }]);
  await open.calls.chosen(data);
  expect(open.opened).toEqual([]);
  expect(open.focused).toEqual([1]);
  expect(open.said).toEqual([{ kind: 'open', roomId: '!a:own.example' }]);
});
