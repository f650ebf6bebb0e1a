// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Entry } from '../core/entry.ts';
import { ArriveModel } from '../features/arrive/ArriveModel.ts';
import type { Arrived } from '../features/arrive/arrival.ts';
import { ArriveView } from '../features/arrive/ArriveView.tsx';
import { FailureNotice } from '../features/FailureNotice.tsx';
import { useFirstText } from '../i18n/FirstText.ts';
import type { Texts } from '../i18n/Texts.ts';
import { Button } from '../ui/Button.tsx';
import { useLive } from '../ui/useLive.ts';
import { Waiting } from '../ui/Waiting.tsx';
import type { AppModel, AppState } from './AppModel.ts';
import type { Device } from './Device.ts';
import { House } from './lazy.ts';
import { Porch } from './Porch.tsx';
import type { Preferences } from './preferences.ts';
import { hrefOf } from './route.ts';
import { useOperator } from './useOperator.ts';
import { goTo, useRoute } from './useRoute.ts';
import { useTitle } from './useTitle.ts';
import { Worded } from './Worded.tsx';

interface Props {
  model: AppModel;
  entry: Entry;
  preferences: Preferences;
  device: Device;
  texts: Texts;
  /** Fetches what a session needs, while the person types. */
  prefetch: () => void;
}

const SignOut = lazy(() =>
  import('../features/safety/SignOut.tsx').then((module) => ({ default: module.SignOut })),
);

const HREFS = {
  signIn: hrefOf({ at: 'signIn' }),
  signUp: hrefOf({ at: 'signUp' }),
  reset: hrefOf({ at: 'reset' }),
};

function Arrive({ model, entry, prefetch }: Pick<Props, 'model' | 'entry' | 'prefetch'>): ReactElement {
  const route = useRoute();
  const mode = route.at === 'signUp' || route.at === 'reset' ? route.at : 'signIn';
  const address = route.at === 'signUp' ? route.address : undefined;
  const arrive = useMemo(() => {
    // The address of a form means nothing once one is in.
    const enter: Arrived = (credentials, password, made) => {
      goTo({ at: 'rooms' });
      void model.arrived(credentials, password, made);
    };
    return new ArriveModel(entry, enter);
  }, [entry, model]);
  useEffect(() => arrive.setMode(mode), [arrive, mode]);
  useEffect(() => arrive.invite(address), [arrive, address]);
  useTitle(useFirstText().t(`${mode}.title`));
  useEffect(() => {
    window.addEventListener('input', prefetch, { once: true });
    return () => window.removeEventListener('input', prefetch);
  }, [prefetch]);
  return <ArriveView model={arrive} hrefs={HREFS} />;
}

/** A screen with one thing to say and at most two to do. */
function Sentence({ at, model }: { at: AppState['at']; model: AppModel }): ReactElement {
  const { t } = useFirstText();
  const here = (
    <Button kind="primary" onClick={() => model.takeOver()}>
      {t('app.elsewhere.here')}
    </Button>
  );
  const screens: Partial<Record<AppState['at'], ReactElement>> = {
    insecure: (
      <>
        <h1>{t('app.insecure.title')}</h1>
        <p>{t('app.insecure.text')}</p>
      </>
    ),
    elsewhere: (
      <>
        <h1>{t('app.elsewhere.title')}</h1>
        <p>{t('app.elsewhere.text')}</p>
        <div className="porch__actions">{here}</div>
      </>
    ),
    moved: (
      <>
        <h1>{t('app.moved.title')}</h1>
        <div className="porch__actions">{here}</div>
      </>
    ),
    ended: (
      <>
        <h1>{t('app.ended.title')}</h1>
        <p>{t('app.ended.text')}</p>
        <div className="porch__actions">
          <Button kind="primary" onClick={() => model.signInAgain()}>
            {t('app.ended.signIn')}
          </Button>
        </div>
      </>
    ),
  };
  return (
    <div className="porch__text">
      {screens[at] ?? <Waiting>{t(at === 'starting' ? 'app.starting' : 'app.opening')}</Waiting>}
    </div>
  );
}

/** While that is a moment, nothing is drawn that what comes would take away again. */
const MOMENT_MS = 1500;

function Beginning({ children }: { children: ReactElement }): ReactElement | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), MOMENT_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? children : null;
}

/** Of a device whose session could not be opened. */
function FailedSignOut({ model }: { model: AppModel }): ReactElement | null {
  const { t } = useFirstText();
  const [unsaved, setUnsaved] = useState<Awaited<ReturnType<AppModel['unsaved']>>>();
  useEffect(() => void model.unsaved().then(setUnsaved), [model]);
  if (!unsaved) return null;
  return (
    <SignOut
      label={t('app.failed.signOut')}
      userId={unsaved.userId}
      unsaved={() => unsaved}
      onSaved={async () => {}}
      onSignOut={() => void model.signOut()}
    />
  );
}

export function App({ model, entry, preferences, device, texts, prefetch }: Props): ReactElement {
  const { t } = useFirstText();
  const state = useLive(model.state);
  const operator = useOperator(entry, state.at === 'arrive');
  if (state.at === 'in')
    return (
      <Worded texts={texts}>
        <House model={model} session={state.session} preferences={preferences} device={device} />
      </Worded>
    );
  const porch = (
    <Porch preferences={preferences} operator={operator}>
      {state.at === 'arrive' ? (
        <Arrive model={model} entry={entry} prefetch={prefetch} />
      ) : state.at === 'failed' ? (
        <div className="porch__text">
          <h1>{t('app.failed.title')}</h1>
          <FailureNotice failure={state.failure} />
          <div className="porch__actions">
            <Button kind="primary" onClick={() => void model.retry()}>
              {t('app.retry')}
            </Button>
            <Worded texts={texts}>
              <FailedSignOut model={model} />
            </Worded>
          </div>
        </div>
      ) : (
        <Sentence at={state.at} model={model} />
      )}
    </Porch>
  );
  return state.at === 'beginning' ? <Beginning>{porch}</Beginning> : porch;
}
