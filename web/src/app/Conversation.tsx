// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Session } from '../core/session.ts';
import { ConversationModel } from '../features/conversation/ConversationModel.ts';
import { ConversationView } from '../features/conversation/ConversationView.tsx';
import { Preview } from '../features/directory/Preview.tsx';
import { Invitation } from '../features/rooms/Invitation.tsx';
import type { RoomsModel } from '../features/rooms/RoomsModel.ts';
import type { UndoModel } from '../features/undo/UndoModel.ts';
import { useLive } from '../ui/useLive.ts';
import { hrefOf } from './route.ts';
import { goTo } from './useRoute.ts';

interface Props {
  session: Session;
  list: RoomsModel;
  undo: UndoModel;
  roomId: string;
  eventId: string | undefined;
  onUnlock: () => void;
  onSearch: () => void;
}

/** What one gives to others: the room, or a message of it, at the address where this page is. */
const linkTo = (roomId: string, eventId: string | undefined): string =>
  new URL(hrefOf({ at: 'room', roomId, eventId }), window.location.href).href;

const toList = (): void => goTo({ at: 'rooms' });

/** A room by its address: an invitation, a conversation, or neither. */
export function Conversation(props: Props): ReactElement {
  const { session, list, undo, roomId, eventId, onUnlock, onSearch } = props;
  const me = useLive(session.me);
  const summary = useLive(session.rooms.list).find((room) => room.id === roomId);
  const joined = summary?.membership === 'join';
  const model = useMemo(() => {
    const room = joined ? session.rooms.open(roomId) : undefined;
    return room && new ConversationModel({ room, drafts: session.drafts, me: me.userId, undo });
  }, [session, roomId, joined, me.userId, undo]);
  useEffect(() => model?.open(eventId), [model, eventId]);
  if (summary?.membership === 'invite') return <Invitation model={list} room={summary} onRefused={toList} />;
  if (!model)
    return <Preview key={roomId} rooms={session.rooms} roomId={roomId} backHref={hrefOf({ at: 'rooms' })} />;
  return (
    <ConversationView
      key={roomId}
      model={model}
      rooms={session.rooms}
      me={me.userId}
      undo={undo}
      backHref={hrefOf({ at: 'rooms' })}
      eventId={eventId}
      linkTo={(id) => linkTo(roomId, id)}
      onLeft={toList}
      onUnlock={onUnlock}
      onSearch={onSearch}
    />
  );
}
