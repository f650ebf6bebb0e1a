// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { useLive } from '../ui/useLive.ts';
import type { AppModel } from './AppModel.ts';
import { LookControls } from './LookControls.tsx';
import type { Preferences } from './preferences.ts';
import { SkipLink } from './SkipLink.tsx';

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
}

/** The frame of every screen once one is in. */
export function House({ model, session, preferences }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  return (
    <div className="house">
      <SkipLink />
      <main id="content" tabIndex={-1}>
        <h1>{me.name}</h1>
        <LookControls preferences={preferences} />
        <Button icon="signOut" onClick={() => void model.signOut()}>
          {t('nav.signOut')}
        </Button>
      </main>
    </div>
  );
}
