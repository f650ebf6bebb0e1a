// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Room } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';

interface Props {
  room: Room;
  me: string;
  onInvite: () => void;
  onLeave: () => void;
  onClose: () => void;
}

export function MembersPanel({ room, me, onInvite, onLeave, onClose }: Props): ReactElement {
  const { t } = useText();
  const members = useLive(room.members);
  return (
    <aside className="members" aria-labelledby="members-title">
      <header className="members__head">
        <h2 id="members-title">{t('room.members')}</h2>
        <Button kind="quiet" icon="close" iconOnly onClick={onClose}>
          {t('app.close')}
        </Button>
      </header>
      <div className="ui-actions members__actions">
        {room.mayInvite() && (
          <Button icon="plus" onClick={onInvite}>
            {t('room.invite')}
          </Button>
        )}
        <Button kind="danger" icon="signOut" onClick={onLeave}>
          {t('room.leave')}
        </Button>
      </div>
      <p className="members__count">{t('room.membersCount', { count: members.length })}</p>
      <ul className="members__list">
        {members.map((member) => (
          <li key={member.id} className="members__row">
            <Avatar small name={member.name} seed={member.id} />
            <span className="members__name">
              {member.name} {member.id === me && t('room.you')}
            </span>
            <span className="members__role">
              {member.invited ? t('room.invited') : member.role === 'member' ? '' : t(`role.${member.role}`)}
            </span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
