// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Session } from '../core/session.ts';
import { ComparisonDialog } from '../features/safety/ComparisonDialog.tsx';
import { SafetyModel } from '../features/safety/SafetyModel.ts';
import { SafetyBanner, SafetyScreens } from '../features/safety/SafetyView.tsx';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { useLive } from '../ui/useLive.ts';
import type { AppModel } from './AppModel.ts';
import { LookControls } from './LookControls.tsx';
import type { Preferences } from './preferences.ts';
import { SkipLink } from './SkipLink.tsx';
import './house.css';

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
}

/** The frame of every screen once one is in. */
export function House({ model, session, preferences }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const connection = useLive(session.connection);
  const safety = useMemo(() => new SafetyModel(session.safety), [session]);
  useEffect(() => safety.watch(), [safety]);
  const view = useLive(safety.view);
  return (
    <div className="house">
      <SkipLink />
      <SafetyBanner model={safety} view={view} />
      {connection === 'offline' && (
        <p className="ui-banner" role="status">
          {t('app.offline')}
        </p>
      )}
      <main className="house__main" id="content" tabIndex={-1}>
        {view.screen === 'none' ? (
          <section className="ui-page">
            <h1>{me.name}</h1>
            <LookControls preferences={preferences} />
            <Button icon="signOut" onClick={() => void model.signOut()}>
              {t('nav.signOut')}
            </Button>
          </section>
        ) : (
          <SafetyScreens model={safety} view={view} userId={me.userId} />
        )}
      </main>
      <ComparisonDialog model={safety} />
    </div>
  );
}
