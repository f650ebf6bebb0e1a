// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo, useState } from 'react';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { unsavedOf } from '../safety/SignOut.tsx';
import { PasswordDialog } from './PasswordDialog.tsx';

interface Props {
  session: Session;
  onClosed: () => void;
}

/** What has not left is told, as before signing out. The recovery code is not: after this it opens nothing, and
 * that is said instead. */
export function CloseAccount({ session, onClosed }: Props): ReactElement {
  const { t } = useText();
  const [unsent, setUnsent] = useState<number>();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const close = async (password: string) => {
    if (await attempt.run(() => session.account.close(password))) onClosed();
  };
  return (
    <>
      <Button kind="danger" onClick={() => setUnsent(unsavedOf(session).unsent)}>
        {t('settings.close')}
      </Button>
      {unsent !== undefined && (
        <PasswordDialog
          title={t('settings.closeTitle')}
          action={t(unsent > 0 ? 'settings.closeLose' : 'settings.closeConfirm')}
          busy={busy}
          failure={failure}
          onPassword={close}
          onClose={() => {
            setUnsent(undefined);
            attempt.forget();
          }}
        >
          <p>{t('settings.closeText')}</p>
          <p>{t('settings.closeExport')}</p>
          {unsent > 0 && <Notice kind="warning">{t('leaving.unsent', { count: unsent })}</Notice>}
        </PasswordDialog>
      )}
    </>
  );
}
