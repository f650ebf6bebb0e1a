// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { RoomSummary } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
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
    <section className="ui-page" aria-labelledby="invite-title">
      <h1 id="invite-title">{t('invite.title', { room: room.name })}</h1>
      <p>{t('invite.text', { name: room.inviter ?? '' })}</p>
      {room.topic && <p>{room.topic}</p>}
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
