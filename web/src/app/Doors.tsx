// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { Directory } from '../features/directory/Directory.tsx';
import { FindPeople } from '../features/people/FindPeople.tsx';
import { CreateRoom } from '../features/rooms/CreateRoom.tsx';
import { useLive } from '../ui/useLive.ts';
import { goTo } from './useRoute.ts';

/** Ways to a new conversation. */
export type Door = 'people' | 'create' | 'directory';

interface Props {
  session: Session;
  door: Door | undefined;
  onClose: () => void;
}

export function Doors({ session, door, onClose }: Props): ReactElement | null {
  const { openRooms } = useLive(session.offers);
  const { rooms } = session;
  const arrive = (roomId: string) => {
    onClose();
    goTo({ at: 'room', roomId, eventId: undefined });
  };
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
      return <Directory rooms={rooms} onJoined={arrive} onClose={onClose} />;
    case 'create':
      return <CreateRoom rooms={rooms} openRooms={openRooms} onCreated={arrive} onClose={onClose} />;
    default:
      return null;
  }
}
