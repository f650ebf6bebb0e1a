// SPDX-License-Identifier: EUPL-1.2
import { StrictMode, Suspense, useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { type LastVisit, readLastVisit } from '../core/last-visit.ts';
import { MatrixEntry } from '../core/matrix-entry.ts';
import { NoticeChoices } from '../core/notice-choices.ts';
import { BrowserNotices } from '../core/notices.ts';
import { PageWorker } from '../core/page-worker.ts';
import type { RoomSummary } from '../core/rooms.ts';
import { emptyStores, forgetStores } from '../core/stores.ts';
import { BrowserSubscriptions } from '../core/subscriptions.ts';
import { BrowserVault } from '../core/vault.ts';
import { InstallModel } from '../features/offline/InstallModel.ts';
import { GuardedPart } from '../features/Guarded.tsx';
import { FirstTextContext } from '../i18n/FirstText.ts';
import { Texts } from '../i18n/Texts.ts';
import { useLive } from '../ui/useLive.ts';
import '../themes/neutre/fonts.css';
import '../themes/neutre/tokens.css';
import '../themes/neutre/base.css';
import '../ui/ui.css';
import { App } from './App.tsx';
import { AppModel, type ComeBack } from './AppModel.ts';
import type { Device } from './Device.ts';
import { deviceName } from './device-name.ts';
import { endDevice, loadEarly, loadSession, prefetchSession } from './lazy.ts';
import { Preferences } from './preferences.ts';
import { hrefOf, parseRoute } from './route.ts';
import { LockedTabs } from './tabs.ts';
import { goTo, useRoute } from './useRoute.ts';

// oxlint-disable-next-line no-restricted-globals -- appearance and language only (preferences.ts)
const preferences = new Preferences(localStorage, navigator.languages);
const texts = new Texts();
const vault = new BrowserVault();
const name = deviceName(navigator.userAgent);
const entry = new MatrixEntry(window.location.origin, name);
const worker = new PageWorker({
  container: navigator.serviceWorker,
  reload: () => window.location.reload(),
});
let before: LastVisit | undefined;
/** All of its list; read once the beginning of it is on the screen. */
let list: Promise<readonly RoomSummary[]> | undefined;
const device: Device = {
  keeps: vault.keeps,
  worker,
  notices: new BrowserNotices(worker),
  choices: new NoticeChoices(vault),
  subscriptions: new BrowserSubscriptions(worker),
  install: new InstallModel(window),
  visit: () => ({ vault: model.vault, before }),
  language: () => preferences.choices.get().language,
};

const loadWords = () => texts.all(preferences.choices.get().language);

/** What a later visit begins with; undefined: it cannot be had. */
const loadScreens = () =>
  Promise.all([loadEarly(), loadWords()]).then(
    ([module]) => module,
    () => undefined,
  );

/** It is most probably needed, and asked for at once. */
let reading: Promise<LastVisit | undefined> | undefined = readLastVisit(vault);
void reading.then((visit) => visit && loadScreens());

/** What a session needs, while the person types. What cannot be had is asked for again, and said, later. */
function prefetch(): void {
  prefetchSession();
  void loadWords().catch(() => {});
}

/** The last visit, if there was one and the screens can be had. All else is loaded after it, or, without it,
 * at once. */
const comeBack: ComeBack = async ({ userId }, ours) => {
  const visit = await (reading ?? readLastVisit(ours));
  before = visit?.me.userId === userId ? visit : undefined;
  list = undefined;
  const early = before && (await loadScreens());
  if (early && visit)
    return (coming, shown) => {
      const whole = shown.then(() => early.readList(ours, visit));
      list = whole;
      return early.earlySession(visit, whole, coming, ours);
    };
  prefetch();
  return undefined;
};

/** In the history of this tab, and not in an address: any link could have that one. */
const TAKING = { taking: true } as const;

/** What is on the screen while the session is made. */
async function shownNow() {
  if (!before || !list) return undefined;
  const route = parseRoute(window.location.hash);
  const open = route.at === 'room' ? [route.roomId] : [];
  return { rooms: await list, first: [...open, ...before.conversations.map(({ roomId }) => roomId)] };
}

const model = new AppModel({
  secure: window.isSecureContext,
  vault,
  tabs: new LockedTabs(navigator.locks, new BroadcastChannel('chappe')),
  forgetStores: () => forgetStores(window.indexedDB),
  emptyStores: () => emptyStores(window.indexedDB),
  reload: () => {
    goTo({ at: 'rooms' });
    window.location.reload();
  },
  isOld: () => worker.isOld,
  reloadHere: () => {
    window.history.replaceState(TAKING, '', hrefOf({ at: 'rooms' }));
    window.location.reload();
  },
  endDevice: (credentials) => endDevice(credentials).catch(() => {}),
  dropPushes: () => device.subscriptions.drop(),
  comeBack,
  startSession: async (credentials, password, signal) => {
    const [{ startSession }, shown] = await Promise.all([loadSession(), shownNow()]);
    return startSession(credentials, password, { vault: model.vault, deviceName: name, signal, shown });
  },
});

function Root() {
  const { look, size, language } = useLive(preferences.choices);
  const text = useMemo(() => texts.first(language), [language]);
  const route = useRoute();
  useEffect(() => {
    document.documentElement.dataset.theme = look;
    document.documentElement.dataset.size = size;
    document.documentElement.lang = language;
  }, [look, size, language]);
  return (
    <FirstTextContext value={text}>
      <GuardedPart of={hrefOf(route)} backHref={hrefOf({ at: 'rooms' })}>
        <Suspense>
          <App
            model={model}
            entry={entry}
            preferences={preferences}
            device={device}
            texts={texts}
            prefetch={prefetch}
          />
        </Suspense>
      </GuardedPart>
    </FirstTextContext>
  );
}

const { look, size } = preferences.choices.get();
Object.assign(document.documentElement.dataset, { theme: look, size });
// A tab of an earlier version was asked to take over: this page is the new one.
const taking = (window.history.state as Partial<typeof TAKING> | null)?.taking === true;
if (taking) window.history.replaceState(null, '');
void model.open(taking).finally(() => {
  // Another tab may have written it anew when this one takes over.
  reading = undefined;
});
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
