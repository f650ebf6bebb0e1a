// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';
import type { Person, RoomSummary } from '../../core/rooms.ts';
import type { FoundMessage } from '../../core/search.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { PersonName } from '../PersonName.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import { lineOf, snippetOf } from './snippet.ts';

export function RoomOption({ room }: { room: RoomSummary }): ReactElement {
  return (
    <>
      <RoomPicture small room={room} />
      <div className="search__text">
        <p>{room.name}</p>
        <RoomMark room={room} />
      </div>
    </>
  );
}

export function PersonOption({ person }: { person: Person }): ReactElement {
  return (
    <>
      <Avatar small name={person.name} seed={person.id} />
      <div className="search__text">
        <p>
          <PersonName person={person} />
        </p>
        <p className="search__aside">{person.id.slice(1)}</p>
      </div>
    </>
  );
}

interface MessageProps {
  message: FoundMessage;
  /** Said by oneself. */
  mine: boolean;
  /** Of its room. */
  place: string;
  words: string;
}

/** Who said it, where and when; the words around those that were looked for; what was said before and after. */
export function MessageOption({ message, mine, place, words }: MessageProps): ReactElement {
  const text = useText();
  const { sender, at, before, after, file } = message;
  const pieces: ReactNode[] = snippetOf(message.text, words).map((piece, i) =>
    // oxlint-disable-next-line react/no-array-index-key -- they are only ever replaced together
    piece.marked ? <mark key={i}>{piece.text}</mark> : piece.text,
  );
  return (
    <>
      <Avatar small name={sender.name} seed={sender.id} />
      <div className="search__text">
        <p className="search__aside">
          {mine ? text.t('talk.you') : <PersonName person={sender} />} ·{' '}
          {place !== sender.name && `${place} · `}
          <time>{text.moment(at)}</time>
        </p>
        {before && <p className="search__around">{lineOf(before)}</p>}
        <p className="search__said">
          {file && <Icon name="clip" />}
          {pieces}
        </p>
        {after && <p className="search__around">{lineOf(after)}</p>}
      </div>
    </>
  );
}
