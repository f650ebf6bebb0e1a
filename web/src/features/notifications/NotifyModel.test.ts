// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { FakeAlerts } from '../../core/fake/alerts.ts';
import { FakeNotices } from '../../core/fake/notices.ts';
import { FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { NoticeChoices } from '../../core/notice-choices.ts';
import { MemoryVault } from '../../core/vault.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { NotifyModel } from './NotifyModel.ts';

async function world(choice: { on: boolean; content: boolean }) {
  const alerts = new FakeAlerts();
  const rooms = new FakeRooms();
  const notices = new FakeNotices();
  const choices = new NoticeChoices(new MemoryVault());
  await choices.set(choice);
  const looked: string[] = [];
  const hours = { quiet: false };
  const model = new NotifyModel({
    alerts,
    rooms,
    notices,
    choices,
    text: new Text('fr', fr),
    looksAt: (roomId) => looked.includes(roomId),
    isQuiet: () => hours.quiet,
  });
  const stop = model.watch();
  return { alerts, rooms, notices, looked, hours, stop };
}

test('[WEB-06] without the person’s choice a notification says neither who, nor where, nor what', async () => {
  const { alerts, notices } = await world({ on: true, content: false });
  for (const kind of ['message', 'mention', 'invitation'] as const) alerts.tell({ kind, text: 'secret' });
  expect(notices.shown.map((one) => one.title)).toEqual([
    'Nouveau message',
    'Vous êtes mentionné',
    'Nouvelle invitation',
  ]);
  expect(JSON.stringify(notices.shown)).not.toMatch(/secret|Alix|Comité/);
});

test('with it, it says who, where and what; an outside partner is named as one', async () => {
  const { alerts, notices } = await world({ on: true, content: true });
  alerts.tell();
  alerts.tell({ direct: true, external: true, text: undefined });
  alerts.tell({ kind: 'invitation' });
  expect(notices.shown.map((one) => [one.title, one.body])).toEqual([
    ['Alix Martin, dans « Comité »'.replace('« ', '«\u00A0').replace(' »', '\u00A0»'), 'bonjour'],
    ['Alix Martin (externe)', 'Message à lire dans la conversation'],
    ['Alix Martin', 'vous invite dans « Comité »'.replace('« ', '«\u00A0').replace(' »', '\u00A0»')],
  ]);
});

test('nothing where it is off, nor of the room one looks at', async () => {
  const off = await world({ on: false, content: true });
  off.alerts.tell();
  expect(off.notices.shown).toEqual([]);
  const on = await world({ on: true, content: true });
  on.looked.push('!a:example.org');
  on.alerts.tell();
  on.alerts.tell({ roomId: '!b:example.org' });
  expect(on.notices.shown.map((one) => one.roomId)).toEqual(['!b:example.org']);
  on.stop();
  on.alerts.tell({ roomId: '!c:example.org' });
  expect(on.notices.shown).toHaveLength(1);
});

test('[UX-14] in quiet hours nothing calls, and what is unread still counts', async () => {
  const { alerts, rooms, notices, hours } = await world({ on: true, content: true });
  hours.quiet = true;
  alerts.tell();
  rooms.list.set([fakeSummary({ id: '!a:example.org', unread: 2 })]);
  expect(notices.shown).toEqual([]);
  expect(notices.badges.at(-1)).toBe(2);
  hours.quiet = false;
  alerts.tell();
  expect(notices.shown).toHaveLength(1);
});

test('the icon has the number of what is unread, and what is read no longer calls', async () => {
  const { alerts, rooms, notices } = await world({ on: true, content: false });
  rooms.list.set([
    fakeSummary({ id: '!a:example.org', unread: 2 }),
    fakeSummary({ id: '!b:example.org', membership: 'invite' }),
  ]);
  alerts.tell();
  alerts.tell({ roomId: '!b:example.org' });
  rooms.list.set([fakeSummary({ id: '!a:example.org' }), rooms.list.get()[1]!]);
  expect(notices.badges).toEqual([0, 3, 1]);
  expect(notices.shown.map((one) => one.roomId)).toEqual(['!b:example.org']);
});
