// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { ListedRoom, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import { AskToEnter } from './AskToEnter.tsx';
import './directory.css';

interface Props {
  rooms: Rooms;
  roomId: string;
  backHref: string;
  /** Looks at the others. */
  onDirectory: () => void;
}

/** One that may not be seen, or is not there: which of the two, nobody is told. */
function Unseen({ backHref }: Pick<Props, 'backHref'>): ReactElement {
  const { t } = useText();
  return (
    <section className="ui-page ui-card" aria-labelledby="preview-title">
      <h1 id="preview-title" tabIndex={-1}>
        {t('room.gone')}
      </h1>
      <p>{t('room.goneAsk')}</p>
      <p>
        <a href={backHref}>{t('nav.rooms')}</a>
      </p>
    </section>
  );
}

type Shown = Pick<Props, 'rooms' | 'backHref'> & { room: ListedRoom };

/** One that anybody may come into: what it means. */
function Free({ room, rooms, backHref }: Shown): ReactElement {
  const { t } = useText();
  const joining = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(joining.state);
  return (
    <>
      <Notice kind="warning">
        <p>{t('preview.plain')}</p>
      </Notice>
      <p>{t('preview.seen')}</p>
      {failure && <FailureNotice failure={failure} />}
      <div className="preview__actions">
        <Button kind="primary" busy={busy} onClick={() => void joining.run(() => rooms.joinListed(room.id))}>
          {t('preview.join')}
        </Button>
        <a className="ui-btn ui-btn--secondary" href={backHref}>
          {t('app.back')}
        </a>
      </div>
    </>
  );
}

function Card({ room, rooms, backHref }: Shown): ReactElement {
  const { t } = useText();
  const free = room.entry === 'free';
  return (
    <section className="ui-page ui-card" aria-labelledby="preview-title">
      <RoomPicture large room={{ ...room, seed: room.id, kind: free ? 'public' : 'private' }} />
      <h1 id="preview-title" tabIndex={-1}>
        {room.name}
      </h1>
      {free && (
        <RoomMark room={{ kind: 'public', encrypted: false, membership: 'invite' }}>
          {` · ${t('directory.members', { count: room.members })}`}
          {room.theme && ` · ${room.theme}`}
        </RoomMark>
      )}
      {room.topic && <p>{room.topic}</p>}
      {free ? (
        <Free room={room} rooms={rooms} backHref={backHref} />
      ) : (
        <AskToEnter room={room} rooms={rooms}>
          <a className="ui-btn ui-btn--secondary" href={backHref}>
            {t('app.back')}
          </a>
        </AskToEnter>
      )}
    </section>
  );
}

/** A room one is not in, come to by a link or from the directory. Once one is let in, the conversation or its
 * invitation takes its place by itself. Of one that may not be seen, nothing is told. */
export function Preview({ rooms, roomId, backHref, onDirectory }: Props): ReactElement {
  const { t } = useText();
  const [room, setRoom] = useState<ListedRoom>();
  const looking = useMemo(() => new Attempt(), []);
  const { failure: absent } = useLive(looking.state);
  useEffect(() => {
    void looking.run(async () => setRoom(await rooms.preview(roomId)));
  }, [looking, rooms, roomId]);
  if (absent?.status === 404 || absent?.status === 403) return <Unseen backHref={backHref} />;
  return (
    <div className="preview">
      <header className="preview__head" data-zone>
        <Button kind="quiet" icon="back" onClick={onDirectory}>
          {t('directory.title')}
        </Button>
      </header>
      {room ? (
        <Card room={room} rooms={rooms} backHref={backHref} />
      ) : (
        <section className="ui-page ui-card">
          {absent ? <FailureNotice failure={absent} /> : <Waiting>{t('preview.looking')}</Waiting>}
        </section>
      )}
    </div>
  );
}
