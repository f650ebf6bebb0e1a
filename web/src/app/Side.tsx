// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import type { Session } from '../core/session.ts';
import { Directory } from '../features/directory/Directory.tsx';
import { FindPeople } from '../features/people/FindPeople.tsx';
import { CreateRoom } from '../features/rooms/CreateRoom.tsx';
import { RoomList } from '../features/rooms/RoomList.tsx';
import type { RoomsModel } from '../features/rooms/RoomsModel.ts';
import { useText } from '../i18n/TextContext.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Mark } from '../ui/Mark.tsx';
import { useLive } from '../ui/useLive.ts';
import { hrefOf } from './route.ts';
import { goTo } from './useRoute.ts';

interface Props {
  session: Session;
  list: RoomsModel;
  roomId: string | undefined;
}

const roomHref = (roomId: string): string => hrefOf({ at: 'room', roomId, eventId: undefined });
const toRoom = (roomId: string): void => goTo({ at: 'room', roomId, eventId: undefined });

/** The column of conversations, and the doors to new ones. */
export function Side({ session, list, roomId }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const connection = useLive(session.connection);
  const [dialog, setDialog] = useState<'people' | 'create' | 'directory'>();
  const close = () => setDialog(undefined);
  const arrive = (id: string) => {
    close();
    toRoom(id);
  };
  return (
    <nav className="side" aria-label={t('rooms.label')}>
      <header className="side__head">
        <Mark />
        <span className="side__product">{t('app.name')}</span>
        <Button kind="quiet" icon="edit" iconOnly onClick={() => setDialog('people')}>
          {t('rooms.write')}
        </Button>
        <Button kind="quiet" icon="search" iconOnly onClick={() => setDialog('directory')}>
          {t('directory.open')}
        </Button>
        <Button kind="quiet" icon="plus" iconOnly onClick={() => setDialog('create')}>
          {t('rooms.create')}
        </Button>
      </header>
      <div className="side__list">
        <RoomList model={list} current={roomId} hrefOf={roomHref} loading={connection === 'starting'} />
      </div>
      <footer className="side__foot">
        <a className="side__me" href={hrefOf({ at: 'settings' })}>
          <Avatar small name={me.name} seed={me.userId} />
          <span className="side__name">{me.name}</span>
          <Icon name="settings" />
          <span className="ui-hidden">{t('nav.settings')}</span>
        </a>
      </footer>
      {dialog === 'people' && (
        <FindPeople
          rooms={session.rooms}
          purpose="write"
          onChoose={async (userId) => arrive(await session.rooms.talkTo(userId))}
          onClose={close}
        />
      )}
      {dialog === 'directory' && <Directory rooms={session.rooms} onJoined={arrive} onClose={close} />}
      {dialog === 'create' && <CreateRoom rooms={session.rooms} onCreated={arrive} onClose={close} />}
    </nav>
  );
}
