// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useEffect, useMemo, useRef } from 'react';
import type { Account } from '../../core/account.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { PasswordModel } from './PasswordModel.ts';

export function PasswordPart({ account }: { account: Account }): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new PasswordModel(account), [account]);
  useEffect(() => void model.findLeast(), [model]);
  const state = useLive(model.state);
  const form = useRef<HTMLFormElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await model.submit())) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  };
  const faults = {
    missing: t('settings.passwordMissing'),
    short: t('signUp.passwordShort', { count: state.least }),
    same: t('settings.passwordSame'),
  };
  return (
    <form ref={form} className="settings__form" noValidate onSubmit={submit}>
      {state.failure && <FailureNotice failure={state.failure} place="password" />}
      {state.done && (
        <Notice kind="good" announced>
          {t('settings.passwordDone')}
        </Notice>
      )}
      <PasswordField
        label={t('settings.passwordOld')}
        showLabel={t('signIn.show')}
        value={state.old}
        onValue={(value) => model.setOld(value)}
        error={state.oldFault && t('signIn.passwordMissing')}
        autoComplete="current-password"
      />
      <PasswordField
        label={t('settings.passwordNew')}
        hint={t('signUp.passwordHint', { count: state.least })}
        showLabel={t('signIn.show')}
        value={state.next}
        onValue={(value) => model.setNext(value)}
        error={state.nextFault && faults[state.nextFault]}
        autoComplete="new-password"
      />
      <label className="ui-check">
        <input
          type="checkbox"
          checked={state.others}
          onChange={(event) => model.setOthers(event.target.checked)}
        />
        {t('settings.passwordOthers')}
      </label>
      <div className="ui-actions">
        <Button type="submit" kind="primary" busy={state.busy}>
          {t('settings.passwordSubmit')}
        </Button>
      </div>
    </form>
  );
}
