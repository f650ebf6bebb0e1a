// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useCallback, useRef, useState } from 'react';
import type { Rooms, RoomSummary } from '../../core/rooms.ts';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FindPeople } from '../people/FindPeople.tsx';
import { Composer } from './Composer.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { MembersPanel } from './MembersPanel.tsx';
import { TimelineView } from './TimelineView.tsx';
import './conversation.css';

interface Props {
  model: ConversationModel;
  rooms: Rooms;
  me: string;
  backHref: string;
  onUnlock: () => void;
}

const protectionOf = (room: RoomSummary): Key =>
  room.kind === 'public' ? 'room.public' : room.encrypted ? 'room.private' : 'room.open';

function Head({
  model,
  summary,
  backHref,
}: {
  model: ConversationModel;
  summary: RoomSummary;
  backHref: string;
}) {
  const { t } = useText();
  const { panel } = useLive(model.state);
  return (
    <header className="conversation__head">
      <a
        className="ui-btn ui-btn--quiet ui-btn--icon conversation__back"
        href={backHref}
        aria-label={t('app.back')}
      >
        <Icon name="back" />
      </a>
      <Avatar name={summary.name} seed={summary.id} square={summary.kind !== 'direct'} />
      <div className="conversation__title">
        <h1 id="conversation-title" tabIndex={-1}>
          {summary.name}
        </h1>
        <p className="conversation__kind">
          <Icon name={summary.encrypted ? 'lock' : 'people'} />
          {t(protectionOf(summary))}
        </p>
      </div>
      <Button
        kind="quiet"
        icon="people"
        aria-expanded={panel === 'members'}
        onClick={() => model.togglePanel()}
      >
        {t('room.members')}
      </Button>
    </header>
  );
}

function Question({ model, name }: { model: ConversationModel; name: string }): ReactElement | null {
  const { t } = useText();
  const { asking } = useLive(model.state);
  if (!asking) return null;
  const leaving = asking.what === 'leave';
  return (
    <Dialog
      title={leaving ? t('room.leaveTitle', { room: name }) : t('talk.deleteTitle')}
      closeLabel={t('app.close')}
      onClose={() => void model.answer(false)}
    >
      <p>{t(leaving ? 'room.leaveText' : 'talk.deleteText')}</p>
      {leaving && asking.lastAdmin && <p>{t('room.leaveLastAdmin')}</p>}
      <div className="ui-actions">
        <Button kind="danger" onClick={() => void model.answer(true)}>
          {t(leaving ? 'room.leave' : 'talk.delete')}
        </Button>
        <Button onClick={() => void model.answer(false)}>{t('app.cancel')}</Button>
      </div>
    </Dialog>
  );
}

export function ConversationView({ model, rooms, me, backHref, onUnlock }: Props): ReactElement {
  const text = useText();
  const summary = useLive(model.room.summary);
  const typing = useLive(model.room.typing);
  const { panel } = useLive(model.state);
  const [inviting, setInviting] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const compose = useCallback(() => requestAnimationFrame(() => box.current?.focus()), []);
  return (
    <article className="conversation" aria-labelledby="conversation-title">
      <Head model={model} summary={summary} backHref={backHref} />
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
            onInvite={() => setInviting(true)}
            onLeave={() => model.askLeave()}
            onClose={() => model.togglePanel()}
          />
        )}
      </div>
      {inviting && (
        <FindPeople
          rooms={rooms}
          purpose="invite"
          onChoose={(userId) => model.room.invite(userId)}
          onClose={() => setInviting(false)}
        />
      )}
      <Question model={model} name={summary.name} />
    </article>
  );
}
