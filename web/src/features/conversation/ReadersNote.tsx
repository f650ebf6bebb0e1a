// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Room } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';

/** [UX-8] Above what one writes: who will read it, where one may not think of them. */
export function ReadersNote({ room }: { room: Room }): ReactElement | null {
  const { t } = useText();
  const { kind, external, name } = useLive(room.summary);
  const count = useLive(room.members).filter((member) => member.external).length;
  if (kind === 'public')
    return (
      <p className="compose__readers">
        <Icon name="forum" />
        {t('readers.public')}
      </p>
    );
  if (kind !== 'open' && !external && count === 0) return null;
  return (
    <p className="compose__readers compose__readers--extern">
      <Icon name="extern" />
      {external
        ? t('extern.direct', { name })
        : count > 0
          ? t('extern.inRoom', { count })
          : t('extern.mayCome')}
    </p>
  );
}
