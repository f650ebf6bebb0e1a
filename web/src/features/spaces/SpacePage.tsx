// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useState } from 'react';
import type { HeldRoom, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { LeaveRoom } from '../members/LeaveRoom.tsx';
import { MembersPanel } from '../members/MembersPanel.tsx';
import { FindPeople } from '../people/FindPeople.tsx';
import { InfoPanel } from '../room/InfoPanel.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import type { UndoModel } from '../undo/UndoModel.ts';
import { AddRooms } from './AddRooms.tsx';
import { JoinAll } from './JoinAll.tsx';
import type { SpaceModel } from './SpaceModel.ts';
import './spaces.css';

interface Props {
  model: SpaceModel;
  rooms: Rooms;
  me: string;
  undo: UndoModel;
  backHref: string;
  hrefOf: (roomId: string) => string;
  onLeft: () => void;
}

function Held({ room, model, hrefOf }: { room: HeldRoom; model: SpaceModel; hrefOf: Props['hrefOf'] }) {
  const { t } = useText();
  const { busy } = useLive(model.state);
  const { hold } = useLive(model.room.governance.rights);
  const space = room.kind === 'space';
  return (
    <li className="ui-found__row">
      <RoomPicture room={{ ...room, seed: room.id, kind: space ? 'space' : 'private' }} />
      <div className="ui-found__name">
        <span>{room.name}</span>
        <span className="ui-found__more">
          {space && `${t('room.space')} · `}
          {t('directory.members', { count: room.members })}
          {room.topic && ` · ${room.topic}`}
        </span>
      </div>
      {room.joined ? (
        <a
          className="ui-btn ui-btn--secondary"
          href={hrefOf(room.id)}
          aria-label={t('space.openOne', { room: room.name })}
        >
          {t('space.open')}
        </a>
      ) : room.entry === 'free' ? (
        <Button
          aria-label={t('space.joinOne', { room: room.name })}
          busy={busy}
          onClick={() => void model.join(room)}
        >
          {t('directory.join')}
        </Button>
      ) : room.entry === 'closed' ? (
        <span className="ui-found__more">{t('space.closed')}</span>
      ) : (
        <a
          className="ui-btn ui-btn--secondary"
          href={hrefOf(room.id)}
          aria-label={t('space.askOne', { room: room.name })}
        >
          {t(room.entry === 'asked' ? 'ask.waiting' : 'ask.submit')}
        </a>
      )}
      {hold && (
        <Button
          kind="quiet"
          icon="close"
          iconOnly
          aria-label={t('space.removeOne', { room: room.name })}
          busy={busy}
          onClick={() => void model.take(room)}
        >
          {t('space.remove')}
        </Button>
      )}
    </li>
  );
}

/** A space: the rooms that it holds, those of spaces in it one step further. */
export function SpacePage({ model, rooms, me, undo, backHref, hrefOf, onLeft }: Props): ReactElement {
  const { t } = useText();
  const { room } = model;
  useEffect(() => model.watch(), [model]);
  const summary = useLive(room.summary);
  const rights = useLive(room.governance.rights);
  const { held, failure } = useLive(model.state);
  const [asked, setAsked] = useState<'add' | 'invite' | 'join' | 'leave'>();
  const [panel, setPanel] = useState<'members' | 'info'>();
  const close = () => setAsked(undefined);
  const closePanel = () => setPanel(undefined);
  return (
    <article className="space" aria-labelledby="space-title">
      <div className="space__main">
        <header className="space__head">
          <a
            className="ui-btn ui-btn--quiet ui-btn--icon conversation__back"
            href={backHref}
            aria-label={t('app.back')}
          >
            <Icon name="back" />
          </a>
          <RoomPicture large room={summary} />
          <div className="space__title">
            <h1 id="space-title" tabIndex={-1}>
              {summary.name}
            </h1>
            <RoomMark room={summary} />
          </div>
          <Menu
            label={t('room.actions')}
            icon="more"
            items={[
              { label: t('room.info'), icon: 'settings', run: () => setPanel('info') },
              { label: t('room.members'), icon: 'people', run: () => setPanel('members') },
              { label: t('room.leave'), icon: 'signOut', danger: true, run: () => setAsked('leave') },
            ]}
          />
        </header>
        {summary.topic && <p>{summary.topic}</p>}
        <div className="ui-actions">
          {rights.hold && (
            <Button kind="primary" icon="plus" onClick={() => setAsked('add')}>
              {t('space.add')}
            </Button>
          )}
          {rights.invite && <Button onClick={() => setAsked('invite')}>{t('room.invite')}</Button>}
          {held?.some((one) => one.entry === 'free' && !one.joined) && (
            <Button onClick={() => setAsked('join')}>{t('joinAll.title')}</Button>
          )}
        </div>
        {failure && <FailureNotice failure={failure} />}
        <section aria-labelledby="space-rooms">
          <h2 id="space-rooms">{t('space.rooms')}</h2>
          {!held && !failure && <Waiting>{t('space.loading')}</Waiting>}
          {held?.length === 0 && <p className="rooms__hint">{t('space.empty')}</p>}
          <ul className="ui-found">
            {held?.map((one) => (
              <Held key={one.id} room={one} model={model} hrefOf={hrefOf} />
            ))}
          </ul>
        </section>
      </div>
      {panel === 'members' && (
        <MembersPanel room={room} me={me} onInvite={() => setAsked('invite')} onClose={closePanel} />
      )}
      {panel === 'info' && <InfoPanel room={room} onClose={closePanel} />}
      {asked === 'add' && <AddRooms model={model} rooms={rooms} onClose={close} />}
      {asked === 'invite' && (
        <FindPeople rooms={rooms} room={room} onChoose={(id) => room.invite(id)} onClose={close} />
      )}
      {asked === 'join' && <JoinAll rooms={rooms} spaceId={room.id} onClose={close} />}
      {asked === 'leave' && <LeaveRoom room={room} me={me} undo={undo} onLeft={onLeft} onClose={close} />}
    </article>
  );
}
