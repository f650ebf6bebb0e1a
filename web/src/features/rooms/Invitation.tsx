// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { RoomSummary } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { PersonName } from '../PersonName.tsx';
import { RoomMark } from './RoomMark.tsx';
import type { RoomsModel } from './RoomsModel.ts';

interface Props {
  model: RoomsModel;
  room: RoomSummary;
  onRefused: () => void;
}

/** The page of a room one is invited to. Once accepted, the conversation takes its place by itself. */
export function Invitation({ model, room, onRefused }: Props): ReactElement {
  const { t } = useText();
  const { busy, failure } = useLive(model.state);
  const refuse = async () => {
    if (await model.refuse(room.id)) onRefused();
  };
  return (
    <section className="ui-page ui-card" aria-labelledby="invite-title">
      <RoomPicture large room={room} />
      <h1 id="invite-title" tabIndex={-1}>
        {room.kind === 'direct' ? room.name : t('invite.title', { room: room.name })}
      </h1>
      <RoomMark room={room} />
      {room.inviter && (
        <p>
          {t('invite.text', { name: room.inviter.name })}{' '}
          {room.inviter.external && <PersonName person={room.inviter} />}
        </p>
      )}
      {room.topic && <p className="rooms__hint">{room.topic}</p>}
      {failure && <FailureNotice failure={failure} />}
      <div className="ui-actions">
        <Button kind="primary" busy={busy === room.id} onClick={() => void model.accept(room.id)}>
          {t('invite.accept')}
        </Button>
        <Button busy={busy === room.id} onClick={() => void refuse()}>
          {t('invite.refuse')}
        </Button>
      </div>
    </section>
  );
}
