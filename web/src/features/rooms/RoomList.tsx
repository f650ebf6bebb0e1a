// SPDX-License-Identifier: EUPL-1.2
import { memo, type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { FIRST_ROWS } from '../../core/room-parts.ts';
import type { RoomSummary } from '../../core/rooms.ts';
import type { Text } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { GuardedRow } from '../Guarded.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { ExternBadge } from '../PersonName.tsx';
import type { RoomSection, RoomsModel } from './RoomsModel.ts';
import './rooms.css';

interface Props {
  model: RoomsModel;
  current: string | undefined;
  hrefOf: (roomId: string) => string;
  /** The first list has not come yet. */
  loading: boolean;
  /** What is said when there is none. */
  empty: ReactNode;
}

function lineOf(room: RoomSummary, { t }: Text): string {
  if (room.membership === 'invite') return t('invite.from', { name: room.inviter?.name ?? '' });
  if (!room.last && room.topic) return t('rooms.topic', { text: room.topic });
  if (!room.last) return t(room.kind === 'space' ? 'room.space' : 'rooms.noMessage');
  const text = room.last.text ?? t(room.last.kind === 'deleted' ? 'talk.deleted' : 'rooms.notText');
  if (room.last.mine) return t('rooms.mine', { text });
  return room.kind === 'direct' ? text : t('rooms.theirs', { name: room.last.sender, text });
}

function whenOf(at: number, text: Text): string {
  if (at === 0) return '';
  return new Date(at).toDateString() === new Date().toDateString() ? text.time(at) : text.shortDay(at);
}

interface RowProps {
  room: RoomSummary;
  current: boolean;
  href: string;
}

/** [UX-7] [UX-8] What kind of room it is, where it is not the usual one, and who is not of the house. */
function Mark({ room }: { room: RoomSummary }): ReactElement | null {
  const { t } = useText();
  if (room.external) return <ExternBadge />;
  if (room.kind === 'open')
    return (
      <span className="rooms__mark rooms__mark--extern">
        <Icon name="extern" />
        <span className="ui-hidden">{t('rooms.open')}</span>
      </span>
    );
  if (room.kind !== 'public') return null;
  return (
    <span className="rooms__mark">
      <Icon name="forum" />
      <span className="ui-hidden">{t('rooms.public')}</span>
    </span>
  );
}

const Row = memo(function Row({ room, current, href }: RowProps): ReactElement {
  const text = useText();
  const count = room.unread;
  const told = [
    count > 0 && text.t('rooms.unread', { count }),
    room.mentions > 0 && text.t('rooms.mentions', { count: room.mentions }),
  ].filter(Boolean);
  return (
    <li>
      <a
        className="rooms__row"
        href={href}
        aria-current={current ? 'page' : undefined}
        data-unread={count > 0 || undefined}
      >
        <RoomPicture room={room} />
        <span className="rooms__name">{room.name}</span>
        <span className="rooms__when">{room.kind !== 'space' && whenOf(room.at, text)}</span>
        <span className="rooms__line">
          <Mark room={room} />
          <span className="rooms__text" data-deleted={room.last?.kind === 'deleted' || undefined}>
            {lineOf(room, text)}
          </span>
        </span>
        {count > 0 && (
          <>
            <span className="ui-count" aria-hidden="true">
              {room.mentions > 0 ? '@' : count > 99 ? '99+' : count}
            </span>
            <span className="ui-hidden">{told.join(', ')}</span>
          </>
        )}
      </a>
    </li>
  );
});

/** With each look further down. */
const MORE = 120;

interface SectionProps extends Pick<Props, 'current' | 'hrefOf'> {
  section: RoomSection;
}

function Section({ section: { part, rooms }, current, hrefOf }: SectionProps): ReactElement {
  const { t } = useText();
  const [most, setMost] = useState(FIRST_ROWS);
  const end = useRef<HTMLLIElement>(null);
  const left = Math.max(rooms.length - most, 0);
  const grow = () => setMost((before) => before + MORE);
  useEffect(() => {
    if (left === 0 || !end.current) return undefined;
    const watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setMost((before) => before + MORE);
    });
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [left]);
  return (
    <section aria-labelledby={`rooms-${part}`}>
      <h2 className="rooms__part" id={`rooms-${part}`}>
        {t(`rooms.${part}`)}
      </h2>
      <ul>
        {rooms.slice(0, most).map((room) => (
          <GuardedRow key={room.id} of={room}>
            <Row room={room} current={room.id === current} href={hrefOf(room.id)} />
          </GuardedRow>
        ))}
        {left > 0 && (
          <li ref={end}>
            <Button kind="quiet" onClick={grow}>
              {t('rooms.more', { count: left })}
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}

export function RoomList({ model, current, hrefOf, loading, empty }: Props): ReactElement {
  const { t } = useText();
  const { filter, sections, total } = useLive(model.state);
  if (total === 0)
    return loading ? <Waiting>{t('rooms.loading')}</Waiting> : <div className="rooms__empty">{empty}</div>;
  return (
    <div className="rooms">
      <Field
        className="rooms__filter"
        label={t('rooms.filter')}
        placeholder={t('rooms.filter')}
        type="search"
        value={filter}
        onValue={(value) => model.setFilter(value)}
      />
      <p className="ui-hidden" role="status">
        {filter && sections.length === 0 ? t('rooms.noneFits') : ''}
      </p>
      {sections.length === 0 && <p className="rooms__empty">{t('rooms.noneFits')}</p>}
      {sections.map((section) => (
        <Section key={section.part} section={section} current={current} hrefOf={hrefOf} />
      ))}
    </div>
  );
}
