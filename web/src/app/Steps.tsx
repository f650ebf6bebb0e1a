// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../i18n/TextContext.ts';
import { Icon, type IconName } from '../ui/Icon.tsx';
import type { Door } from './Doors.tsx';

const CARDS = [
  ['people', 'edit'],
  ['create', 'plus'],
  ['directory', 'forum'],
] as const satisfies [Door, IconName][];

/** [UX-25] What the first minute may begin with, the likeliest first: three cards. */
export function Steps({ onDoor }: { onDoor: (door: Door) => void }): ReactElement {
  const { t } = useText();
  return (
    <ul className="house__cards">
      {CARDS.map(([door, icon]) => (
        <li key={door}>
          <button type="button" className="house__card" onClick={() => onDoor(door)}>
            <Icon name={icon} />
            <span className="house__card-title">{t(`welcome.${door}`)}</span>
            <span className="house__card-text">{t(`welcome.${door}Text`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
