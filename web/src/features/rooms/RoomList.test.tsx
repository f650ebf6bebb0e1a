// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { RoomList } from './RoomList.tsx';
import { RoomsModel } from './RoomsModel.ts';

afterEach(cleanup);

test('[UX-5] of very many conversations the nearest are in the page, the others one step further; a filter finds any', () => {
  const rooms = new FakeRooms();
  rooms.list.set(Array.from({ length: 200 }, (_, i) => fakeSummary({ id: `!${i}`, name: `Salon ${i}` })));
  const model = new RoomsModel(rooms);
  render(
    <TextContext value={new Text('fr', fr)}>
      <RoomList model={model} current={undefined} hrefOf={(id) => `#${id}`} loading={false} empty={null} />
    </TextContext>,
  );
  expect(screen.getAllByRole('link')).toHaveLength(30);
  fireEvent.click(screen.getByRole('button', { name: 'Afficher les 170 autres conversations' }));
  expect(screen.getAllByRole('link')).toHaveLength(150);
  act(() => model.setFilter('salon 199'));
  expect(screen.getAllByRole('link')).toHaveLength(1);
  expect(screen.queryByRole('button')).toBeNull();
});

test('of a room where nothing was said, its topic is shown as what it is; where one is, is marked', () => {
  const rooms = new FakeRooms();
  rooms.list.set([fakeSummary({ id: '!a', name: 'Comité', topic: 'Préparer le budget' })]);
  render(
    <TextContext value={new Text('fr', fr)}>
      <RoomList
        model={new RoomsModel(rooms)}
        current="!a"
        hrefOf={(id) => `#${id}`}
        loading={false}
        empty={null}
      />
    </TextContext>,
  );
  expect(screen.getByText('Sujet : Préparer le budget')).toBeTruthy();
  expect(screen.getByRole('link').getAttribute('aria-current')).toBe('page');
});
