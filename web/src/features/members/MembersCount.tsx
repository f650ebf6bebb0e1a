// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Member } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';

/** After what a room is: how many read it, and how many may still come in. */
export function MembersCount({ members }: { members: readonly Member[] }): ReactElement | null {
  const { t } = useText();
  if (members.length === 0) return null;
  const awaited = members.filter((member) => member.invited).length;
  return (
    <>
      <span className="members__dot">{' · '}</span>
      <span className="members__facts">
        <span className="members__fact">{t('room.membersCount', { count: members.length - awaited })}</span>
        {awaited > 0 && (
          <>
            {' · '}
            <span className="members__fact">{t('room.invitedCount', { count: awaited })}</span>
          </>
        )}
      </span>
    </>
  );
}
