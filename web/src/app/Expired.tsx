// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Session } from '../core/session.ts';
import { Attempt } from '../features/Attempt.ts';
import { SessionSignOut } from '../features/safety/SignOut.tsx';
import { FailureNotice } from '../features/FailureNotice.tsx';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { useLive } from '../ui/useLive.ts';

interface Props {
  session: Session;
  onSignOut: () => void;
}

/** The end of the account, and the way back: once it is renewed, the next sync brings everything back. */
export function Expired({ session, onSignOut }: Props): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, done, failure } = useLive(attempt.state);
  return (
    <section className="porch__text" aria-labelledby="expired-title">
      <h1 id="expired-title" tabIndex={-1}>
        {t('expired.title')}
      </h1>
      <p>{t('expired.text')}</p>
      {failure && <FailureNotice failure={failure} />}
      {done && (
        <Notice kind="good" announced>
          {t('expired.mailed')}
        </Notice>
      )}
      <div className="ui-actions">
        <Button kind="primary" busy={busy} onClick={() => void attempt.run(() => session.sendRenewal())}>
          {t('expired.send')}
        </Button>
        <SessionSignOut session={session} onSignOut={onSignOut} />
      </div>
    </section>
  );
}
