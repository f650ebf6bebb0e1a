// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useCallback, useRef, useState } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { useLive } from '../../ui/useLive.ts';
import { LeaveRoom } from '../members/LeaveRoom.tsx';
import { MembersPanel } from '../members/MembersPanel.tsx';
import { FindPeople } from '../people/FindPeople.tsx';
import type { UndoModel } from '../undo/UndoModel.ts';
import { Composer } from './Composer.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { Head } from './Head.tsx';
import { TimelineView } from './TimelineView.tsx';
import './conversation.css';

interface Props {
  model: ConversationModel;
  rooms: Rooms;
  me: string;
  undo: UndoModel;
  backHref: string;
  onUnlock: () => void;
  onLeft: () => void;
}

export function ConversationView(props: Props): ReactElement {
  const { model, rooms, me, undo, backHref, onUnlock, onLeft } = props;
  const text = useText();
  const summary = useLive(model.room.summary);
  const typing = useLive(model.room.typing);
  const { panel } = useLive(model.state);
  const [dialog, setDialog] = useState<'invite' | 'leave'>();
  const close = () => setDialog(undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  const compose = useCallback(() => requestAnimationFrame(() => box.current?.focus()), []);
  return (
    <article className="conversation" aria-labelledby="conversation-title">
      <Head model={model} backHref={backHref} onLeave={() => setDialog('leave')} />
      <div className="conversation__body">
        <div className="conversation__main">
          <TimelineView model={model} name={summary.name} onCompose={compose} onUnlock={onUnlock} />
          <p className="conversation__typing" role="status">
            {typing.length > 0 && text.t('talk.typing', { names: text.list(typing), count: typing.length })}
          </p>
          <Composer model={model} box={box} />
        </div>
        {panel === 'members' && (
          <MembersPanel
            room={model.room}
            me={me}
            onInvite={() => setDialog('invite')}
            onClose={() => model.show('none')}
          />
        )}
      </div>
      {dialog === 'invite' && (
        <FindPeople
          rooms={rooms}
          room={model.room}
          onChoose={(userId) => model.room.invite(userId)}
          onClose={close}
        />
      )}
      {dialog === 'leave' && (
        <LeaveRoom room={model.room} me={me} undo={undo} onLeft={onLeft} onClose={close} />
      )}
    </article>
  );
}
