// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { ExportModel } from './ExportModel.ts';

const text = new Text('fr', fr);

test('[UX-21] conversations come one after the other into one file; a room one has left is passed over', async () => {
  const rooms = new FakeRooms();
  rooms.list.set([fakeSummary({ id: '!a', name: 'Comité' }), fakeSummary({ id: '!b', name: 'Budget' })]);
  const model = new ExportModel(rooms, ['!a', '!gone', '!b']);
  const html = await model.run(text);
  expect(html).toContain('<h1>Comité</h1>');
  expect(html).toContain('<h1>Budget</h1>');
  expect(model.state.get()).toMatchObject({ count: undefined, done: true });
  model.setFormat('text');
  expect(await model.run(text)).toMatch(/^Comité\n======/);
});

test('what is stopped gives no file', async () => {
  const rooms = new FakeRooms();
  rooms.list.set([fakeSummary({ id: '!a' })]);
  const model = new ExportModel(rooms, ['!a']);
  model.stop();
  expect(await model.run(text)).toBeUndefined();
  expect(model.state.get().done).toBe(false);
});
