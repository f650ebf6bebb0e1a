// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Session } from '../core/session.ts';
import { RoomsModel } from '../features/rooms/RoomsModel.ts';
import { ComparisonDialog } from '../features/safety/ComparisonDialog.tsx';
import { SafetyModel } from '../features/safety/SafetyModel.ts';
import { SafetyBanner, SafetyScreens } from '../features/safety/SafetyView.tsx';
import { useText } from '../i18n/TextContext.ts';
import { useLive } from '../ui/useLive.ts';
import type { AppModel } from './AppModel.ts';
import { Conversation } from './Conversation.tsx';
import type { Preferences } from './preferences.ts';
import type { Route } from './route.ts';
import { Settings } from './Settings.tsx';
import { Side } from './Side.tsx';
import { SkipLink } from './SkipLink.tsx';
import { useRoute } from './useRoute.ts';
import './house.css';

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
}

/** What the tab of the browser says: how much is unread, and where one is. */
function useTitle(list: RoomsModel, route: Route): void {
  const { t } = useText();
  const { unread, sections } = useLive(list.state);
  const room = route.at === 'room' && sections.flatMap((s) => s.rooms).find((one) => one.id === route.roomId);
  const place = room ? room.name : t(route.at === 'settings' ? 'nav.settings' : 'nav.rooms');
  const title = `${unread > 0 ? `(${unread}) ` : ''}${place} — ${t('app.name')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function Welcome(): ReactElement {
  const { t } = useText();
  return (
    <section className="house__welcome">
      <h1>{t('rooms.choose')}</h1>
      <p>{t('rooms.chooseText')}</p>
    </section>
  );
}

/** The frame of every screen once one is in. */
export function House({ model, session, preferences }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const connection = useLive(session.connection);
  const route = useRoute();
  const list = useMemo(() => new RoomsModel(session.rooms), [session]);
  useEffect(() => list.watch(), [list]);
  const safety = useMemo(() => new SafetyModel(session.safety), [session]);
  useEffect(() => safety.watch(), [safety]);
  const view = useLive(safety.view);
  useTitle(list, route);
  const roomId = route.at === 'room' ? route.roomId : undefined;
  if (view.screen !== 'none')
    return (
      <div className="house">
        <SkipLink />
        <main className="house__main" id="content" tabIndex={-1}>
          <SafetyScreens model={safety} view={view} userId={me.userId} />
        </main>
        <ComparisonDialog model={safety} />
      </div>
    );
  return (
    <div className="house">
      <SkipLink />
      <SafetyBanner model={safety} view={view} />
      {connection === 'offline' && (
        <p className="ui-banner" role="status">
          {t('app.offline')}
        </p>
      )}
      <div
        className="house__floor"
        data-at={route.at === 'room' || route.at === 'settings' ? 'main' : 'list'}
      >
        <Side session={session} list={list} roomId={roomId} />
        <main className="house__main" id="content" tabIndex={-1}>
          {route.at === 'room' ? (
            <Conversation
              session={session}
              list={list}
              roomId={route.roomId}
              eventId={route.eventId}
              onUnlock={() => safety.show('unlock')}
            />
          ) : route.at === 'settings' ? (
            <Settings model={model} session={session} preferences={preferences} />
          ) : (
            <Welcome />
          )}
        </main>
      </div>
      <ComparisonDialog model={safety} />
    </div>
  );
}
