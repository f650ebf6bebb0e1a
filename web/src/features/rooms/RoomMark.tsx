// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';
import type { RoomSummary } from '../../core/rooms.ts';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';

type Known = Pick<RoomSummary, 'kind' | 'encrypted' | 'membership'>;

function markOf({ kind, encrypted, membership }: Known): [Key, IconName] {
  if (kind === 'space') return ['room.space', 'space'];
  if (kind === 'public') return ['room.public', 'forum'];
  if (kind === 'open') return ['room.externals', 'extern'];
  // What an invitation shows of a room does not always tell its encryption.
  if (encrypted || membership === 'invite') return ['room.private', 'lock'];
  return ['room.open', 'people'];
}

/** [UX-7] What a room is, in words, with the drawing that follows it everywhere. */
export function RoomMark({ room, children }: { room: Known; children?: ReactNode }): ReactElement {
  const { t } = useText();
  const [words, icon] = markOf(room);
  return (
    <p className="rooms__kind" data-kind={room.kind}>
      <Icon name={icon} />
      <span>
        <strong>{t(words)}</strong>
        {children}
      </span>
    </p>
  );
}
