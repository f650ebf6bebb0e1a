// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense, useEffect, useMemo } from 'react';
import type { VisitKeeper } from '../core/visit-keeper.ts';
import type { Session } from '../core/session.ts';
import { ConversationModel } from '../features/conversation/ConversationModel.ts';
import { ConversationView } from '../features/conversation/ConversationView.tsx';
import { Preview } from '../features/directory/Preview.tsx';
import { Invitation } from '../features/rooms/Invitation.tsx';
import type { RoomsModel } from '../features/rooms/RoomsModel.ts';
import { SpaceModel } from '../features/spaces/SpaceModel.ts';
import type { UndoModel } from '../features/undo/UndoModel.ts';
import { useLive, useLivePart } from '../ui/useLive.ts';
import { hrefOf } from './route.ts';
import { goTo } from './useRoute.ts';

const SpacePage = lazy(() =>
  import('../features/spaces/SpacePage.tsx').then((module) => ({ default: module.SpacePage })),
);

interface Props {
  session: Session;
  list: RoomsModel;
  undo: UndoModel;
  keeper: VisitKeeper;
  roomId: string;
  eventId: string | undefined;
  onUnlock: () => void;
  onSearch: () => void;
  onDirectory: () => void;
}

/** What one gives to others: the room, or a message of it, at the address where this page is. */
const linkTo = (roomId: string, eventId: string | undefined): string =>
  new URL(hrefOf({ at: 'room', roomId, eventId }), window.location.href).href;

const roomHref = (roomId: string): string => hrefOf({ at: 'room', roomId, eventId: undefined });

const toList = (): void => goTo({ at: 'rooms' });

/** A room by its address: an invitation, a conversation, a space, or none of them. Mounted anew for each
 * address: leaving one closes what listened there. */
export function Conversation(props: Props): ReactElement {
  const { session, list, undo, keeper, roomId, eventId, onUnlock, onSearch, onDirectory } = props;
  const me = useLive(session.me);
  const summary = useLivePart(session.rooms.list, (rooms) => rooms.find((room) => room.id === roomId));
  const joined = summary?.membership === 'join';
  const isSpace = summary?.kind === 'space';
  const model = useMemo(() => {
    const room = joined && !isSpace ? session.rooms.open(roomId) : undefined;
    const { drafts, people } = session;
    return room && new ConversationModel({ room, drafts, me: me.userId, undo, blocked: people.blocked });
  }, [session, roomId, joined, isSpace, me.userId, undo]);
  const space = useMemo(() => {
    const room = joined && isSpace ? session.rooms.open(roomId) : undefined;
    return room && new SpaceModel(session.rooms, room);
  }, [session, roomId, joined, isSpace]);
  useEffect(() => model?.open(eventId), [model, eventId]);
  useEffect(() => model && keeper.look(model.room), [model, keeper]);
  if (summary?.membership === 'invite') return <Invitation model={list} room={summary} onRefused={toList} />;
  if (space)
    return (
      <Suspense>
        <SpacePage
          key={roomId}
          model={space}
          rooms={session.rooms}
          me={me.userId}
          undo={undo}
          backHref={hrefOf({ at: 'rooms' })}
          hrefOf={roomHref}
          onLeft={toList}
        />
      </Suspense>
    );
  if (!model)
    return (
      <Preview
        key={roomId}
        rooms={session.rooms}
        roomId={roomId}
        backHref={hrefOf({ at: 'rooms' })}
        onDirectory={onDirectory}
      />
    );
  return (
    <ConversationView
      key={roomId}
      model={model}
      session={session}
      undo={undo}
      backHref={hrefOf({ at: 'rooms' })}
      hrefOf={roomHref}
      onGo={(id) => goTo({ at: 'room', roomId: id, eventId: undefined })}
      linkTo={(id) => linkTo(roomId, id)}
      onLeft={toList}
      onUnlock={onUnlock}
      onSearch={onSearch}
    />
  );
}
