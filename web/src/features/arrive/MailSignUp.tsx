// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { useFirstText } from '../../i18n/FirstText.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import type { MailModel, MailState } from './MailModel.ts';

const EXAMPLES = ['camille.durand@interieur.example', 'alix.martin@culture.example'];
const STEPS = ['address', 'code', 'password'] as const;

interface Props {
  model: MailModel;
  state: MailState;
}

function Demo({ model }: { model: MailModel }): ReactElement | null {
  const { t } = useFirstText();
  const { demoMails } = model.offer;
  if (!demoMails) return null;
  return (
    <Notice kind="info" title={t('demo.title')}>
      <p>{t(model.purpose === 'signUp' ? 'demo.text' : 'demo.noMail')}</p>
      {model.purpose === 'signUp' && (
        <div className="ui-actions">
          {EXAMPLES.map((address) => (
            <Button key={address} kind="quiet" onClick={() => model.type('address', address)}>
              {address}
            </Button>
          ))}
        </div>
      )}
      <p>
        <a href={demoMails} target="_blank" rel="noreferrer">
          {t('demo.mails')}
        </a>
      </p>
    </Notice>
  );
}

function AddressField({ model, state }: Props): ReactElement {
  const { t } = useFirstText();
  const fault = state.fault && t(state.fault === 'wrong' ? 'mail.addressWrong' : 'mail.addressMissing');
  return (
    <>
      <Demo model={model} />
      <Field
        label={t('mail.address')}
        hint={t('mail.addressHint')}
        value={state.address}
        onValue={(value) => model.type('address', value)}
        error={fault}
        type="text"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
      />
    </>
  );
}

function CodeField({ model, state }: Props): ReactElement {
  const { t } = useFirstText();
  const { info } = state;
  return (
    <>
      <p>{t('mail.codeText', { address: state.address })}</p>
      {info?.organisation && <p>{t('mail.from', { organisation: info.organisation })}</p>}
      {info?.external && <Notice kind="warning">{t('mail.external')}</Notice>}
      {model.offer.demoMails && (
        <p>
          <a href={model.offer.demoMails} target="_blank" rel="noreferrer">
            {t('demo.mails')}
          </a>
        </p>
      )}
      <p className="ui-hidden" role="status">
        {state.sentAgain && t('mail.sentAgain')}
      </p>
      <Field
        label={t('mail.code')}
        value={state.code}
        onValue={(value) => model.type('code', value)}
        error={state.fault && t('mail.codeMissing')}
        inputMode="numeric"
        autoComplete="one-time-code"
      />
    </>
  );
}

function PasswordField({ model, state }: Props): ReactElement {
  const { t, language } = useFirstText();
  const [shown, setShown] = useState(false);
  const count = model.offer.passwordLeast;
  const fault =
    state.fault &&
    (state.fault === 'short' ? t('signUp.passwordShort', { count }) : t('signIn.passwordMissing'));
  return (
    <>
      {/* For password managers: whose password it is. */}
      <input
        className="ui-hidden"
        type="text"
        autoComplete="username"
        value={state.address}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <Field
        label={t(model.purpose === 'reset' ? 'reset.password' : 'signUp.password')}
        hint={t('signUp.passwordHint', { count })}
        value={state.password}
        onValue={(value) => model.type('password', value)}
        error={fault}
        type={shown ? 'text' : 'password'}
        autoComplete="new-password"
        spellCheck={false}
      />
      <label className="ui-check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        {t('signIn.show')}
      </label>
      {model.purpose === 'signUp' && model.offer.policies.length > 0 && (
        <p>
          {t('mail.terms')}{' '}
          {model.offer.policies.map((policy) => {
            const words = policy[language] ?? policy.fr ?? policy.en;
            return (
              words && (
                <a key={words.url} href={words.url} target="_blank" rel="noreferrer">
                  {words.name}
                </a>
              )
            );
          })}
        </p>
      )}
    </>
  );
}

function OtherWays({ model, state }: Props): ReactElement | null {
  const { t } = useFirstText();
  if (state.step !== 'code') return null;
  return (
    <div className="ui-actions arrive__ways">
      <Button kind="quiet" onClick={() => void model.sendAgain()}>
        {t('mail.again')}
      </Button>
      <Button kind="quiet" onClick={() => model.linkUsed()}>
        {t('mail.linkUsed')}
      </Button>
      <Button kind="quiet" onClick={() => model.changeAddress()}>
        {t('mail.change')}
      </Button>
    </div>
  );
}

export function MailSignUp({ model }: { model: MailModel }): ReactElement {
  const { t } = useFirstText();
  const state = useLive(model.state);
  const { step, busy } = state;
  const form = useRef<HTMLFormElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Not when the page opens: its title comes first.
    if (!first.current)
      form.current?.querySelector<HTMLElement>(`[data-step="${step}"] input:not([readonly])`)?.focus();
    first.current = false;
  }, [step]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await model.submit())) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  };
  const words = {
    address: busy ? 'mail.sending' : 'mail.send',
    code: busy ? 'mail.checking' : 'mail.check',
    password: busy ? (`${model.purpose}.busy` as const) : (`${model.purpose}.submit` as const),
  } as const;
  return (
    <form ref={form} className="arrive__form" noValidate onSubmit={submit}>
      <p className="arrive__step">{t('mail.step', { step: STEPS.indexOf(step) + 1 })}</p>
      {step !== 'address' && <h2>{t(step === 'code' ? 'mail.codeTitle' : 'mail.passwordTitle')}</h2>}
      {state.failure && <FailureNotice failure={state.failure} place={model.purpose} />}
      <div className="arrive__fields" data-step={step}>
        {step === 'password' && model.purpose === 'reset' && (
          <Notice kind="info">{t('reset.consequence')}</Notice>
        )}
        {step === 'address' && <AddressField model={model} state={state} />}
        {step === 'code' && <CodeField model={model} state={state} />}
        {step === 'password' && <PasswordField model={model} state={state} />}
      </div>
      <Button type="submit" kind="primary" busy={busy}>
        {t(words[step])}
      </Button>
      <OtherWays model={model} state={state} />
    </form>
  );
}
