// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo, useState } from 'react';
import type { Account } from '../../core/account.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { PasswordDialog } from './PasswordDialog.tsx';

interface Props {
  account: Account;
  onClosed: () => void;
}

export function CloseAccount({ account, onClosed }: Props): ReactElement {
  const { t } = useText();
  const [asking, setAsking] = useState(false);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const close = async (password: string) => {
    if (await attempt.run(() => account.close(password))) onClosed();
  };
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t('settings.close')}
      </Button>
      {asking && (
        <PasswordDialog
          title={t('settings.closeTitle')}
          action={t('settings.closeConfirm')}
          busy={busy}
          failure={failure}
          onPassword={close}
          onClose={() => {
            setAsking(false);
            attempt.forget();
          }}
        >
          <p>{t('settings.closeText')}</p>
        </PasswordDialog>
      )}
    </>
  );
}
