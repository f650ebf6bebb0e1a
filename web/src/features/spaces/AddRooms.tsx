// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import type { SpaceModel } from './SpaceModel.ts';

interface Props {
  model: SpaceModel;
  rooms: Rooms;
  onClose: () => void;
}

export function AddRooms({ model, rooms, onClose }: Props): ReactElement {
  const { t } = useText();
  const { busy, added, failure } = useLive(model.state);
  const list = useLive(rooms.list);
  const [filter, setFilter] = useState('');
  const candidates = model.candidates(list, filter);
  return (
    <Dialog title={t('space.add')} closeLabel={t('app.close')} onClose={onClose}>
      <p>{t('space.addText')}</p>
      <Field label={t('space.filter')} type="search" autoComplete="off" value={filter} onValue={setFilter} />
      {failure && <FailureNotice failure={failure} />}
      <p className="ui-said" role="status">
        {added ? t('space.added', { room: added }) : candidates.length === 0 && t('space.none')}
      </p>
      <ul className="ui-found">
        {candidates.map((room) => (
          <li key={room.id} className="ui-found__row">
            <RoomPicture small room={room} />
            <div className="ui-found__name">
              <p>{room.name}</p>
              <RoomMark room={room} />
            </div>
            <Button
              aria-label={t('space.addOne', { room: room.name })}
              busy={busy}
              onClick={() => void model.add(room)}
            >
              {t('space.addIt')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
