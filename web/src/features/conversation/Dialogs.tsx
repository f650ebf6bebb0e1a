// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import type { Message } from '../../core/timeline.ts';
import { EmojiPicker } from '../emoji/EmojiPicker.tsx';
import { Export } from '../export/Export.tsx';
import { Forward } from '../forward/Forward.tsx';
import { LeaveRoom } from '../members/LeaveRoom.tsx';
import { FindPeople } from '../people/FindPeople.tsx';
import { CreatePoll } from '../polls/CreatePoll.tsx';
import { GoToDate } from '../room/GoToDate.tsx';
import type { UndoModel } from '../undo/UndoModel.ts';
import type { ConversationModel } from './ConversationModel.ts';
import { Report } from './Report.tsx';

/** What is asked over the conversation. */
export type Asked =
  | { readonly what: 'invite' | 'leave' | 'date' | 'poll' | 'export' }
  | { readonly what: 'forward' | 'report'; readonly message: Message }
  | { readonly what: 'emoji'; readonly choose: (symbol: string) => void };

interface Props {
  model: ConversationModel;
  rooms: Rooms;
  me: string;
  undo: UndoModel;
  asked: Asked | undefined;
  onLeft: () => void;
  onClose: () => void;
}

export function Dialogs({ model, rooms, me, undo, asked, onLeft, onClose }: Props): ReactElement | null {
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
      return <Forward rooms={rooms} message={asked.message} onClose={onClose} />;
    case 'report':
      return <Report timeline={timeline} message={asked.message} onClose={onClose} />;
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
