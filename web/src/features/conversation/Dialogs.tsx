// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense, useMemo } from 'react';
import type { Person } from '../../core/rooms.ts';
import type { Session } from '../../core/session.ts';
import type { Message } from '../../core/timeline.ts';
import { EmojiPicker } from '../emoji/EmojiPicker.tsx';
import { Export } from '../export/Export.tsx';
import { LeaveRoom } from '../members/LeaveRoom.tsx';
import { FindPeople } from '../people/FindPeople.tsx';
import { CreatePoll } from '../polls/CreatePoll.tsx';
import { GoToDate } from '../room/GoToDate.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { UndoModel } from '../undo/UndoModel.ts';
import type { ConversationModel } from './ConversationModel.ts';
import { Report } from './Report.tsx';

/** What is asked over the conversation. */
export type Asked =
  | { readonly what: 'invite' | 'leave' | 'date' | 'poll' | 'export' }
  | { readonly what: 'forward' | 'report'; readonly message: Message }
  | { readonly what: 'person'; readonly person: Person }
  | { readonly what: 'emoji'; readonly choose: (symbol: string) => void };

interface Props {
  model: ConversationModel;
  session: Session;
  hrefOf: (roomId: string) => string;
  onGo: (roomId: string) => void;
  undo: UndoModel;
  asked: Asked | undefined;
  onLeft: () => void;
  onClose: () => void;
}

const Forward = lazy(() => import('../forward/Forward.tsx').then((module) => ({ default: module.Forward })));
const PersonDialog = lazy(() =>
  import('../person/PersonDialog.tsx').then((module) => ({ default: module.PersonDialog })),
);

export function Dialogs(props: Props): ReactElement | null {
  const { model, session, undo, asked, hrefOf, onGo, onLeft, onClose } = props;
  const { rooms, people } = session;
  const me = useLive(session.me).userId;
  const { room, timeline } = model;
  const ids = useMemo(() => [room.id], [room]);
  switch (asked?.what) {
    case 'invite':
      return <FindPeople rooms={rooms} room={room} onChoose={(id) => room.invite(id)} onClose={onClose} />;
    case 'leave':
      return <LeaveRoom room={room} me={me} undo={undo} onLeft={onLeft} onClose={onClose} />;
    case 'date':
      return <GoToDate timeline={timeline} onClose={onClose} />;
    case 'poll':
      return <CreatePoll timeline={timeline} onClose={onClose} />;
    case 'export':
      return <Export rooms={rooms} ids={ids} onClose={onClose} />;
    case 'forward':
      return (
        <Suspense>
          <Forward rooms={rooms} message={asked.message} onClose={onClose} />
        </Suspense>
      );
    case 'report':
      return <Report timeline={timeline} message={asked.message} onClose={onClose} />;
    case 'person':
      return (
        <Suspense>
          <PersonDialog
            people={people}
            rooms={rooms}
            person={asked.person}
            me={me}
            hrefOf={hrefOf}
            onGo={(roomId) => {
              // It may be the one that is open.
              onClose();
              onGo(roomId);
            }}
            onClose={onClose}
          />
        </Suspense>
      );
    case 'emoji':
      return (
        <EmojiPicker
          onChoose={(symbol) => {
            asked.choose(symbol);
            onClose();
          }}
          onClose={onClose}
        />
      );
    default:
      return null;
  }
}
