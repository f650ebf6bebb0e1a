// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { act, fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { RoomList } from './RoomList.tsx';
import { RoomsModel } from './RoomsModel.ts';

test('[UX-5] of very many conversations the nearest are in the page, the others one step further; a filter finds any', () => {
  const rooms = new FakeRooms();
  rooms.list.set(Array.from({ length: 200 }, (_, i) => fakeSummary({ id: `!${i}`, name: `Salon ${i}` })));
  const model = new RoomsModel(rooms);
  render(
    <TextContext value={new Text('fr')}>
      <RoomList model={model} current={undefined} hrefOf={(id) => `#${id}`} loading={false} empty={null} />
    </TextContext>,
  );
  expect(screen.getAllByRole('link')).toHaveLength(60);
  fireEvent.click(screen.getByRole('button', { name: 'Afficher les 140 autres conversations' }));
  expect(screen.getAllByRole('link')).toHaveLength(180);
  act(() => model.setFilter('salon 199'));
  expect(screen.getAllByRole('link')).toHaveLength(1);
  expect(screen.queryByRole('button')).toBeNull();
});
