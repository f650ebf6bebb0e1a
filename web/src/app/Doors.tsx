// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense } from 'react';
import type { Session } from '../core/session.ts';
import { Directory } from '../features/directory/Directory.tsx';
import { KeyboardHelp } from '../features/keyboard/KeyboardHelp.tsx';
import { FindPeople } from '../features/people/FindPeople.tsx';
import { CreateRoom } from '../features/rooms/CreateRoom.tsx';
import { useLive } from '../ui/useLive.ts';
import type { Preferences } from './preferences.ts';
import { hrefOf } from './route.ts';
import { goTo } from './useRoute.ts';

const roomHref = (roomId: string): string => hrefOf({ at: 'room', roomId, eventId: undefined });

/** Ways to a conversation, new or not, and the help of the keyboard. */
export type Door = 'people' | 'create' | 'space' | 'directory' | 'search' | 'searchHere' | 'help';

const SearchDialog = lazy(() =>
  import('../features/search/SearchDialog.tsx').then((module) => ({ default: module.SearchDialog })),
);

interface Props {
  session: Session;
  preferences: Preferences;
  door: Door | undefined;
  /** The conversation that is open. */
  roomId: string | undefined;
  onClose: () => void;
}

export function Doors({ session, preferences, door, roomId, onClose }: Props): ReactElement | null {
  const { openRooms } = useLive(session.offers);
  const { off } = useLive(preferences.choices);
  const { rooms } = session;
  const go = ({ roomId, eventId }: { roomId: string; eventId: string | undefined }) => {
    onClose();
    goTo({ at: 'room', roomId, eventId });
  };
  const arrive = (roomId: string) => go({ roomId, eventId: undefined });
  switch (door) {
    case 'people':
      return (
        <FindPeople
          rooms={rooms}
          onChoose={async (userId) => arrive(await rooms.talkTo(userId))}
          onClose={onClose}
        />
      );
    case 'directory':
      return <Directory rooms={rooms} hrefOf={roomHref} onClose={onClose} />;
    case 'create':
    case 'space':
      return (
        <CreateRoom
          rooms={rooms}
          space={door === 'space'}
          openRooms={openRooms}
          onCreated={arrive}
          onClose={onClose}
        />
      );
    case 'search':
    case 'searchHere':
      return (
        <Suspense>
          <SearchDialog
            key={door}
            session={session}
            roomId={door === 'searchHere' ? roomId : undefined}
            onGo={go}
            onClose={onClose}
          />
        </Suspense>
      );
    case 'help':
      return <KeyboardHelp off={off} onOff={(next) => preferences.setOff(next)} onClose={onClose} />;
    default:
      return null;
  }
}
