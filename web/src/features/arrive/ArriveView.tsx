// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import type { ArriveModel, ArriveState } from './ArriveModel.ts';
import { MailSignUp } from './MailSignUp.tsx';
import './arrive.css';

interface Props {
  model: ArriveModel;
  /** Addresses of the other form, for the links at its foot. */
  signInHref: string;
  signUpHref: string;
}

function nameError(state: ArriveState, t: ReturnType<typeof useText>['t']): string | undefined {
  if (state.nameFault === 'wrong') return t('signUp.nameWrong');
  if (state.nameFault) return t(state.mode === 'signIn' ? 'signIn.nameMissing' : 'signUp.nameMissing');
  return undefined;
}

function passwordError(state: ArriveState, t: ReturnType<typeof useText>['t']): string | undefined {
  if (state.passwordFault === 'short')
    return t('signUp.passwordShort', { count: state.offer?.passwordLeast ?? 0 });
  return state.passwordFault && t('signIn.passwordMissing');
}

function Form({ model, state }: { model: ArriveModel; state: ArriveState }): ReactElement {
  const { t } = useText();
  const form = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState(false);
  const signUp = state.mode === 'signUp';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const sent = await model.submit();
    if (!sent) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  };
  return (
    <form ref={form} className="arrive__form" noValidate onSubmit={submit}>
      {state.failure && <FailureNotice failure={state.failure} place={state.mode} />}
      <Field
        label={t(signUp ? 'signUp.name' : 'signIn.name')}
        {...(signUp ? { hint: t('signUp.nameHint') } : {})}
        value={state.name}
        onValue={(name) => model.setName(name)}
        error={nameError(state, t)}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <Field
        label={t(signUp ? 'signUp.password' : 'signIn.password')}
        {...(signUp ? { hint: t('signUp.passwordHint', { count: state.offer?.passwordLeast ?? 0 }) } : {})}
        value={state.password}
        onValue={(password) => model.setPassword(password)}
        error={passwordError(state, t)}
        type={shown ? 'text' : 'password'}
        name="password"
        autoComplete={signUp ? 'new-password' : 'current-password'}
        spellCheck={false}
      />
      <label className="ui-check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        {t('signIn.show')}
      </label>
      <Button type="submit" kind="primary" busy={state.busy}>
        {t(
          signUp
            ? state.busy
              ? 'signUp.busy'
              : 'signUp.submit'
            : state.busy
              ? 'signIn.busy'
              : 'signIn.submit',
        )}
      </Button>
    </form>
  );
}

/** The form, or why there is none. */
function SignUp({ model, state }: { model: ArriveModel; state: ArriveState }): ReactElement {
  const { t } = useText();
  useEffect(() => void model.findOffer(), [model]);
  const { offer } = state;
  const mail = useMemo(() => offer && model.byMail(offer), [model, offer]);
  if (offer?.way === 'open') return <Form model={model} state={state} />;
  if (offer?.way === 'email' && mail) return <MailSignUp model={mail} />;
  if (offer)
    return (
      <Notice kind="info" title={t('signUp.closed.title')}>
        <p>{t('signUp.closed.text')}</p>
      </Notice>
    );
  if (!state.failure) return <Waiting>{t('signUp.looking')}</Waiting>;
  return (
    <FailureNotice failure={state.failure}>
      <Button onClick={() => void model.findOffer()}>{t('app.retry')}</Button>
    </FailureNotice>
  );
}

export function ArriveView({ model, signInHref, signUpHref }: Props): ReactElement {
  const { t } = useText();
  const state = useLive(model.state);
  const signUp = state.mode === 'signUp';
  return (
    <section className="arrive" aria-labelledby="arrive-title">
      <h1 id="arrive-title" tabIndex={-1}>
        {t(signUp ? 'signUp.title' : 'signIn.title')}
      </h1>
      {signUp ? <SignUp model={model} state={state} /> : <Form model={model} state={state} />}
      <p className="arrive__other">
        {t(signUp ? 'signUp.hasAccount' : 'signIn.noAccount')}{' '}
        <a className="fr-link" href={signUp ? signInHref : signUpHref}>
          {t(signUp ? 'signIn.title' : 'signUp.title')}
        </a>
      </p>
    </section>
  );
}
