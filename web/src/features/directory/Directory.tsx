// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { DirectoryModel, type DirectoryState } from './DirectoryModel.ts';

interface Props {
  rooms: Rooms;
  hrefOf: (roomId: string) => string;
  onJoined: (roomId: string) => void;
  onClose: () => void;
}

function saying(state: DirectoryState, t: ReturnType<typeof useText>['t']): string {
  if (state.looking) return t('directory.looking');
  if (!state.found) return '';
  return state.found.length === 0 ? t('directory.none') : t('directory.found', { count: state.found.length });
}

export function Directory({ rooms, hrefOf, onJoined, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new DirectoryModel(rooms), [rooms]);
  const state = useLive(model.state);
  useEffect(() => void model.look(), [model]);
  const join = async (roomId: string) => {
    if (await model.join(roomId)) onJoined(roomId);
  };
  return (
    <Dialog title={t('directory.title')} closeLabel={t('app.close')} onClose={onClose}>
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
          <li className="ui-found__row" key={room.id}>
            <RoomPicture room={{ ...room, seed: room.id, kind: 'public' }} />
            <span className="ui-found__name">
              <a href={hrefOf(room.id)} onClick={onClose}>
                {room.name}
              </a>
              <span className="ui-found__more">
                {t('directory.members', { count: room.members })}
                {room.theme && ` · ${room.theme}`}
                {room.topic && ` · ${room.topic}`}
              </span>
            </span>
            <Button
              aria-label={t(model.isIn(room.id) ? 'directory.goTo' : 'directory.joinOne', {
                room: room.name,
              })}
              busy={state.busy}
              onClick={() => void join(room.id)}
            >
              {t(model.isIn(room.id) ? 'directory.openIt' : 'directory.join')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
