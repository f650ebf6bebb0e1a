// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { ListedRoom, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { DirectoryModel, type DirectoryState } from './DirectoryModel.ts';
import './directory.css';

interface Props {
  rooms: Rooms;
  hrefOf: (roomId: string) => string;
  onClose: () => void;
}

function saying(state: DirectoryState, t: ReturnType<typeof useText>['t']): string {
  if (state.looking) return t('directory.looking');
  if (!state.found) return '';
  const count = state.found.length;
  if (count === 0) return t(state.term ? 'directory.none' : 'directory.empty');
  return t(state.term ? 'directory.found' : 'directory.largest', { count });
}

interface RowProps {
  room: ListedRoom;
  href: string;
  joined: boolean;
  onClose: () => void;
}

/** The whole row leads to what the room is about; one joins from there. */
function Row({ room, href, joined, onClose }: RowProps): ReactElement {
  const { t } = useText();
  return (
    <li>
      <a className="directory__row" href={href} onClick={onClose}>
        <RoomPicture room={{ ...room, seed: room.id, kind: 'public' }} />
        <span className="directory__name">{room.name}</span>
        <span className="directory__subject">{room.topic ?? t('directory.noSubject')}</span>
        <span className="directory__more">
          {t('directory.members', { count: room.members })}
          {room.theme && ` · ${room.theme}`}
        </span>
        <span className="directory__see">{t(joined ? 'directory.openIt' : 'directory.see')}</span>
      </a>
    </li>
  );
}

export function Directory({ rooms, hrefOf, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new DirectoryModel(rooms), [rooms]);
  const state = useLive(model.state);
  useEffect(() => void model.look(), [model]);
  return (
    <Dialog sheet title={t('directory.open')} closeLabel={t('app.close')} onClose={onClose}>
      <p>{t('directory.text')}</p>
      <Field
        label={t('directory.search')}
        type="search"
        autoComplete="off"
        value={state.term}
        onValue={(term) => void model.setTerm(term)}
      />
      {state.failure && (
        <FailureNotice failure={state.failure}>
          <Button onClick={() => void model.look()}>{t('app.retry')}</Button>
        </FailureNotice>
      )}
      <p className="ui-said" role="status">
        {saying(state, t)}
      </p>
      <ul className="ui-found">
        {state.found?.map((room) => (
          <Row
            key={room.id}
            room={room}
            href={hrefOf(room.id)}
            joined={model.isIn(room.id)}
            onClose={onClose}
          />
        ))}
      </ul>
    </Dialog>
  );
}
