// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import type { Session } from '../core/session.ts';
import { GuardedPart } from '../features/Guarded.tsx';
import { NewVersion } from '../features/offline/NewVersion.tsx';
import { PicturesContext } from '../features/RoomPicture.tsx';
import { RoomsModel } from '../features/rooms/RoomsModel.ts';
import { ComparisonDialog } from '../features/safety/ComparisonDialog.tsx';
import { SafetyModel } from '../features/safety/SafetyModel.ts';
import { SafetyBanner, SafetyScreens } from '../features/safety/SafetyView.tsx';
import { UndoModel } from '../features/undo/UndoModel.ts';
import { UndoToast } from '../features/undo/UndoToast.tsx';
import { useText } from '../i18n/TextContext.ts';
import { useLive, useLivePart } from '../ui/useLive.ts';
import type { AppModel } from './AppModel.ts';
import { Conversation } from './Conversation.tsx';
import type { Device } from './Device.ts';
import { type Door, Doors } from './Doors.tsx';
import { Expired } from './Expired.tsx';
import { painted } from './painted.ts';
import { Porch } from './Porch.tsx';
import type { Preferences } from './preferences.ts';
import { hrefOf, type Route } from './route.ts';
import { Settings } from './Settings.tsx';
import { Side } from './Side.tsx';
import { SkipLink } from './SkipLink.tsx';
import { useDevice } from './useDevice.ts';
import { useKeeping } from './useKeeping.ts';
import { useLanding } from './useLanding.ts';
import { useRoute } from './useRoute.ts';
import { useShortcuts } from './useShortcuts.ts';
import { useTitle } from './useTitle.ts';
import { Welcome } from './Welcome.tsx';
import './house.css';

const SavedPage = lazy(() =>
  import('../features/saved/SavedPage.tsx').then((module) => ({ default: module.SavedPage })),
);

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
  device: Device;
}

/** How much is unread, and where one is. */
function usePlace(list: RoomsModel, route: Route): string {
  const { t } = useText();
  const places = { settings: 'nav.settings', saved: 'saved.title' } as const;
  const at = route.at === 'settings' || route.at === 'saved' ? places[route.at] : 'nav.rooms';
  const roomId = route.at === 'room' ? route.roomId : undefined;
  return useLivePart(list.state, ({ unread, sections }) => {
    const room = roomId && sections.flatMap((section) => section.rooms).find((one) => one.id === roomId);
    return `${unread > 0 ? `(${unread}) ` : ''}${room ? room.name : t(at)}`;
  });
}

/** The frame of every screen once one is in. */
export function House({ model, session, preferences, device }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const connection = useLive(session.connection);
  const keeps = useLive(device.keeps);
  const route = useRoute();
  const list = useMemo(() => new RoomsModel(session.rooms), [session]);
  useEffect(() => list.watch(), [list]);
  const safety = useMemo(() => new SafetyModel(session.safety), [session]);
  useEffect(() => safety.watch(), [safety]);
  const view = useLive(safety.view);
  const undo = useMemo(() => new UndoModel(session.deeds), [session]);
  const [door, setDoor] = useState<Door>();
  const findPicture = useCallback((url: string) => session.rooms.files.picture(url), [session]);
  const { off } = useLive(preferences.choices);
  useShortcuts(off, setDoor);
  useLanding(session, model.isNew);
  const notifying = useDevice(session, device);
  const keeper = useKeeping(session, device);
  useEffect(() => void painted().then(() => model.shown()), [model]);
  useTitle(usePlace(list, route));
  const roomId = route.at === 'room' ? route.roomId : undefined;
  if (connection === 'expired')
    return (
      <Porch preferences={preferences}>
        <Expired session={session} onSignOut={() => void model.signOut()} />
      </Porch>
    );
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
    <PicturesContext value={findPicture}>
      <div className="house">
        <SkipLink />
        <SafetyBanner model={safety} view={view} />
        {connection === 'offline' && (
          <p className="ui-banner" role="status">
            {t(me.known ? 'app.offline' : 'offline.lastVisit')}
          </p>
        )}
        {!keeps && (
          <p className="ui-banner" role="status">
            {t('app.notKept')}
          </p>
        )}
        <NewVersion worker={device.worker} />
        <div
          className="house__floor"
          data-at={route.at === 'room' || route.at === 'settings' || route.at === 'saved' ? 'main' : 'list'}
        >
          <Side session={session} list={list} roomId={roomId} onDoor={setDoor} />
          <main className="house__main" id="content" tabIndex={-1}>
            <GuardedPart of={hrefOf(route)} backHref={hrefOf({ at: 'rooms' })}>
              {route.at === 'room' ? (
                <Conversation
                  key={`${route.roomId} ${route.eventId ?? ''}`}
                  session={session}
                  list={list}
                  undo={undo}
                  keeper={keeper}
                  roomId={route.roomId}
                  eventId={route.eventId}
                  onUnlock={() => safety.show('unlock')}
                  onSearch={() => setDoor('searchHere')}
                  onDirectory={() => setDoor('directory')}
                />
              ) : route.at === 'settings' ? (
                <Settings
                  model={model}
                  session={session}
                  preferences={preferences}
                  device={device}
                  notifying={notifying}
                  onHelp={() => setDoor('help')}
                />
              ) : route.at === 'saved' ? (
                <Suspense>
                  <SavedPage
                    saved={session.saved}
                    rooms={session.rooms}
                    backHref={hrefOf({ at: 'rooms' })}
                    hrefOf={({ roomId, eventId }) => hrefOf({ at: 'room', roomId, eventId })}
                  />
                </Suspense>
              ) : (
                <Welcome session={session} onDoor={setDoor} />
              )}
            </GuardedPart>
          </main>
        </div>
        <Doors
          session={session}
          preferences={preferences}
          door={door}
          roomId={roomId}
          onClose={() => setDoor(undefined)}
        />
        <UndoToast model={undo} />
        <ComparisonDialog model={safety} />
      </div>
    </PicturesContext>
  );
}
