// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { useLive } from '../../ui/useLive.ts';
import { Switch } from './Switch.tsx';

/** How one is told that messages wait. What of a room counts is set in the room itself. */
export function NotificationsPart({ session }: { session: Session }): ReactElement {
  const { t } = useText();
  const { digest } = useLive(session.personal.state);
  return (
    <>
      <Switch
        label={t('settings.digest')}
        hint={t('settings.digestText')}
        on={digest}
        onChange={(on) => session.personal.setDigest(on)}
      />
      <p className="settings__hint">{t('settings.perRoom')}</p>
    </>
  );
}
