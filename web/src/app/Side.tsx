// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { RoomList } from '../features/rooms/RoomList.tsx';
import type { RoomsModel } from '../features/rooms/RoomsModel.ts';
import type { Key } from '../i18n/text.ts';
import { useText } from '../i18n/TextContext.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Mark } from '../ui/Mark.tsx';
import { Menu } from '../ui/Menu.tsx';
import { useLive } from '../ui/useLive.ts';
import type { Door } from './Doors.tsx';
import { hrefOf } from './route.ts';
import { Steps } from './Steps.tsx';

interface Props {
  session: Session;
  list: RoomsModel;
  roomId: string | undefined;
  onDoor: (door: Door) => void;
}

const roomHref = (roomId: string): string => hrefOf({ at: 'room', roomId, eventId: undefined });

/** What one may begin. */
const NEW = [
  ['people', 'edit', 'rooms.write'],
  ['create', 'plus', 'rooms.create'],
  ['directory', 'forum', 'directory.open'],
  ['space', 'space', 'create.spaceTitle'],
] as const satisfies [Door, IconName, Key][];

/** Where there is no conversation yet; on a phone also the doors, which a larger screen shows beside. */
function Empty({ external, onDoor }: { external: boolean } & Pick<Props, 'onDoor'>): ReactElement {
  const { t } = useText();
  return (
    <>
      <p>{t(external ? 'rooms.emptyExternal' : 'rooms.empty')}</p>
      {!external && (
        <div className="side__doors">
          <h2>{t('extern.welcome')}</h2>
          <p>{t('welcome.text')}</p>
          <Steps onDoor={onDoor} />
        </div>
      )}
    </>
  );
}

/** The column of conversations, and the doors to new ones. */
export function Side({ session, list, roomId, onDoor }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const connection = useLive(session.connection);
  const saved = useLive(session.saved.list);
  return (
    <nav className="side" data-zone aria-label={t('rooms.label')}>
      <header className="side__head">
        <Mark />
        <span className="side__product">{t('app.name')}</span>
        <Button kind="quiet" icon="search" onClick={() => onDoor('search')}>
          {t('search.title')}
        </Button>
      </header>
      {/* An external finds and creates nothing: what would be refused is not offered. */}
      {!me.external && (
        <div className="side__new">
          <Menu
            worded
            label={t('rooms.new')}
            icon="plus"
            items={NEW.map(([door, icon, words]) => ({ label: t(words), icon, run: () => onDoor(door) }))}
          />
        </div>
      )}
      {saved.length > 0 && (
        <a className="side__saved" href={hrefOf({ at: 'saved' })}>
          <Icon name="bookmark" />
          {t('saved.title')}
        </a>
      )}
      <div className="side__list">
        <RoomList
          model={list}
          current={roomId}
          hrefOf={roomHref}
          loading={connection === 'starting'}
          empty={<Empty external={me.external} onDoor={onDoor} />}
        />
      </div>
      <footer className="side__foot">
        <a className="side__me" href={hrefOf({ at: 'settings' })}>
          <Avatar small name={me.name} seed={me.userId} />
          <span className="side__person">
            <span className="side__name">{me.name}</span>
            {(me.external || me.organisation) && (
              <span className="side__organisation">{me.external ? t('extern.me') : me.organisation}</span>
            )}
          </span>
          <span className="side__settings">
            <Icon name="settings" />
            {t('nav.settings')}
          </span>
        </a>
      </footer>
    </nav>
  );
}
