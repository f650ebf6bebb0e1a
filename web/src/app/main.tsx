// SPDX-License-Identifier: EUPL-1.2
import { StrictMode, Suspense, useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { MatrixEntry } from '../core/matrix-entry.ts';
import { forgetStores } from '../core/stores.ts';
import { BrowserVault } from '../core/vault.ts';
import { Text } from '../i18n/text.ts';
import { TextContext } from '../i18n/TextContext.ts';
import { useLive } from '../ui/useLive.ts';
import '../themes/neutre/fonts.css';
import '../themes/neutre/tokens.css';
import '../themes/neutre/base.css';
import '../ui/ui.css';
import { App } from './App.tsx';
import { AppModel } from './AppModel.ts';
import { deviceName } from './device-name.ts';
import { loadSession, prefetch } from './lazy.ts';
import { Preferences } from './preferences.ts';
import { LockedTabs } from './tabs.ts';
import { goTo } from './useRoute.ts';

// oxlint-disable-next-line no-restricted-globals -- appearance and language only (preferences.ts)
const preferences = new Preferences(localStorage, navigator.languages);
const vault = new BrowserVault();
const entry = new MatrixEntry(window.location.origin, deviceName(navigator.userAgent));
const model = new AppModel({
  secure: window.isSecureContext,
  vault,
  tabs: new LockedTabs(navigator.locks),
  forgetStores: () => forgetStores(window.indexedDB),
  reload: () => {
    goTo({ at: 'rooms' });
    window.location.reload();
  },
  startSession: async (credentials, password) =>
    (await loadSession()).startSession(credentials, password, vault),
});

function Root() {
  const { look, size, language } = useLive(preferences.choices);
  const text = useMemo(() => new Text(language), [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = look;
    document.documentElement.dataset.size = size;
    document.documentElement.lang = language;
  }, [look, size, language]);
  return (
    <TextContext value={text}>
      <Suspense>
        <App model={model} entry={entry} preferences={preferences} prefetch={prefetch} />
      </Suspense>
    </TextContext>
  );
}

const { look, size } = preferences.choices.get();
Object.assign(document.documentElement.dataset, { theme: look, size });
void model.open();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
