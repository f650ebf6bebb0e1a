// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useLive } from '../ui/useLive.ts';
import type { AppModel } from './AppModel.ts';
import { LookControls } from './LookControls.tsx';
import type { Preferences } from './preferences.ts';
import { hrefOf } from './route.ts';

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
}

export function Settings({ model, session, preferences }: Props): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  return (
    <section className="ui-page" aria-labelledby="settings-title">
      <p>
        <a className="ui-btn ui-btn--quiet house__back" href={hrefOf({ at: 'rooms' })}>
          <Icon name="back" />
          {t('nav.rooms')}
        </a>
      </p>
      <h1 id="settings-title">{t('nav.settings')}</h1>
      <p>
        {me.name} <span className="house__id">{me.userId.slice(1)}</span>
      </p>
      <LookControls preferences={preferences} />
      <div className="ui-actions">
        <Button kind="danger" icon="signOut" onClick={() => void model.signOut()}>
          {t('nav.signOut')}
        </Button>
      </div>
    </section>
  );
}
