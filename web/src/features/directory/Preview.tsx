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
import './directory.css';

interface Props {
  rooms: Rooms;
  roomId: string;
  backHref: string;
  /** Looks at the others. */
  onDirectory: () => void;
}

/** A room one is not in, come to by a link or from the directory. Once one has joined, the conversation takes
 * its place by itself. Of one that may not be seen, nothing is told. */
export function Preview({ rooms, roomId, backHref, onDirectory }: Props): ReactElement {
  const { t } = useText();
  const [room, setRoom] = useState<ListedRoom>();
  const looking = useMemo(() => new Attempt(), []);
  const joining = useMemo(() => new Attempt(), []);
  const { failure: absent } = useLive(looking.state);
  const { busy, failure } = useLive(joining.state);
  useEffect(() => {
    void looking.run(async () => setRoom(await rooms.preview(roomId)));
  }, [looking, rooms, roomId]);
  if (absent)
    return (
      <section className="ui-page ui-card">
        <p>{t('room.gone')}</p>
        <p>
          <a href={backHref}>{t('nav.rooms')}</a>
        </p>
      </section>
    );
  return (
    <div className="preview">
      <header className="preview__head" data-zone>
        <Button kind="quiet" icon="back" onClick={onDirectory}>
          {t('directory.title')}
        </Button>
      </header>
      {room ? (
        <section className="ui-page ui-card" aria-labelledby="preview-title">
          <RoomPicture large room={{ ...room, seed: room.id, kind: 'public' }} />
          <h1 id="preview-title" tabIndex={-1}>
            {room.name}
          </h1>
          <RoomMark room={{ kind: 'public', encrypted: false, membership: 'invite' }}>
            {` · ${t('directory.members', { count: room.members })}`}
            {room.theme && ` · ${room.theme}`}
          </RoomMark>
          {room.topic && <p>{room.topic}</p>}
          <Notice kind="warning">
            <p>{t('preview.plain')}</p>
          </Notice>
          <p>{t('preview.seen')}</p>
          {failure && <FailureNotice failure={failure} />}
          <div className="preview__actions">
            <Button
              kind="primary"
              busy={busy}
              onClick={() => void joining.run(() => rooms.joinListed(room.id))}
            >
              {t('preview.join')}
            </Button>
            <a className="ui-btn ui-btn--secondary" href={backHref}>
              {t('app.back')}
            </a>
          </div>
        </section>
      ) : (
        <section className="ui-page ui-card">
          <Waiting>{t('preview.looking')}</Waiting>
        </section>
      )}
    </div>
  );
}
