// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, type ReactNode, useState } from 'react';
import type { Failure } from '../../core/failure.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  title: string;
  /** What the button does. */
  action: string;
  busy: boolean;
  failure: Failure | undefined;
  onPassword: (password: string) => unknown;
  onClose: () => void;
  /** What it means. */
  children: ReactNode;
}

/** Something grave: said in words, and done with the password. */
export function PasswordDialog(props: Props): ReactElement {
  const { title, action, busy, failure, onPassword, onClose, children } = props;
  const { t } = useText();
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!password);
    if (password) void onPassword(password);
  };
  return (
    <Dialog title={title} closeLabel={t('app.close')} onClose={onClose}>
      {children}
      <form className="settings__form" noValidate onSubmit={submit}>
        {failure && <FailureNotice failure={failure} place="password" />}
        <PasswordField
          label={t('signIn.password')}
          showLabel={t('signIn.show')}
          value={password}
          onValue={setPassword}
          error={missing ? t('signIn.passwordMissing') : undefined}
          autoComplete="current-password"
        />
        <div className="ui-actions">
          <Button type="submit" kind="danger" busy={busy}>
            {action}
          </Button>
          <Button onClick={onClose}>{t('app.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
