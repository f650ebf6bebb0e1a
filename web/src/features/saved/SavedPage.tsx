// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import type { Saved, SavedMessage } from '../../core/saved.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { Attempt } from '../Attempt.ts';
import { MessageCard } from '../cards/MessageCard.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import './saved.css';

interface Props {
  saved: Saved;
  rooms: Rooms;
  backHref: string;
  hrefOf: (place: { roomId: string; eventId: string }) => string;
}

/** Messages that one has kept at hand, from all conversations, the last first. */
export function SavedPage({ saved, rooms, backHref, hrefOf }: Props): ReactElement {
  const { t } = useText();
  const places = useLive(saved.list);
  const list = useLive(rooms.list);
  const [found, setFound] = useState<readonly SavedMessage[]>();
  const attempt = useMemo(() => new Attempt(), []);
  const { failure } = useLive(attempt.state);
  useEffect(() => {
    let wanted = true;
    void saved.load(places).then((messages) => wanted && setFound(messages));
    return () => {
      wanted = false;
    };
  }, [saved, places]);
  const nameOf = (roomId: string) => list.find(({ id }) => id === roomId)?.name ?? '—';
  return (
    <section className="ui-page saved" aria-labelledby="saved-title">
      <a className="ui-btn ui-btn--quiet house__back" href={backHref}>
        <Icon name="back" />
        {t('nav.rooms')}
      </a>
      <h1 id="saved-title" tabIndex={-1}>
        {t('saved.title')}
      </h1>
      <p className="cards__none">{t('saved.text')}</p>
      {failure && <FailureNotice failure={failure} />}
      {!found && <Waiting>{t('saved.looking')}</Waiting>}
      {found?.length === 0 && <p>{t('saved.none')}</p>}
      <ul className="cards">
        {found?.map(({ roomId, id, message }) => {
          const forget = (
            <Button kind="quiet" onClick={() => void attempt.run(() => saved.set({ roomId, id }, false))}>
              {t('talk.unsave')}
            </Button>
          );
          if (!message)
            return (
              <li key={id} className="card">
                <p>{t('saved.gone')}</p>
                <div className="ui-actions">{forget}</div>
              </li>
            );
          return (
            <MessageCard key={id} message={message} files={rooms.files} place={nameOf(roomId)}>
              <a className="ui-btn ui-btn--quiet" href={hrefOf({ roomId, eventId: id })}>
                {t('pins.goTo')}
              </a>
              {forget}
            </MessageCard>
          );
        })}
      </ul>
    </section>
  );
}
