// SPDX-License-Identifier: EUPL-1.2
import { type KeyboardEvent, type ReactElement, useId, useState } from 'react';
import type { Rooms, RoomSummary } from '../../core/rooms.ts';
import { fold } from '../../i18n/fold.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { RoomMark } from '../rooms/RoomMark.tsx';
import './keyboard.css';

const SHOWN = 8;

/** Rooms whose name has these words, a name that begins so first, then the most recent. */
export function fitting(list: readonly RoomSummary[], search: string): readonly RoomSummary[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  const begins = (room: RoomSummary) => words[0] !== undefined && fold(room.name).startsWith(words[0]);
  return list
    .filter((room) => words.every((word) => fold(room.name).includes(word)))
    .toSorted((a, b) => Number(begins(b)) - Number(begins(a)))
    .slice(0, SHOWN);
}

interface Props {
  rooms: Rooms;
  onGo: (roomId: string) => void;
  onClose: () => void;
}

/** [UX-16] Ctrl + K: a few letters of a name, and one is there ("Combobox" of the ARIA practices). */
export function QuickSwitch({ rooms, onGo, onClose }: Props): ReactElement {
  const { t } = useText();
  const id = useId();
  const list = useLive(rooms.list);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = fitting(list, search);
  const at = Math.min(chosen, found.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) setChosen((at + step + found.length) % found.length);
    else if (event.key === 'Enter' && found[at]) onGo(found[at].id);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t('switch.title')} closeLabel={t('app.close')} onClose={onClose}>
      <Field
        label={t('switch.search')}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
        value={search}
        onValue={(value) => {
          setSearch(value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <p className="ui-hidden" role="status">
        {found.length === 0 ? t('rooms.noneFits') : ''}
      </p>
      <div role="listbox" id={`${id}-list`} aria-label={t('rooms.label')}>
        {found.map((room, i) => (
          <div
            key={room.id}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            className="switch__one"
            onPointerDown={(event) => {
              event.preventDefault();
              onGo(room.id);
            }}
          >
            <Avatar small name={room.name} seed={room.seed} square={room.kind !== 'direct'} />
            <div>
              <p>{room.name}</p>
              <RoomMark room={room} />
            </div>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
