// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { useFirstText } from '../../i18n/FirstText.ts';
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
  /** Addresses of the forms, for the links to the others. */
  hrefs: Readonly<Record<ArriveState['mode'], string>>;
}

function nameError(state: ArriveState, t: ReturnType<typeof useFirstText>['t']): string | undefined {
  if (state.nameFault === 'wrong') return t('signUp.nameWrong');
  if (state.nameFault) return t(state.mode === 'signIn' ? 'signIn.nameMissing' : 'signUp.nameMissing');
  return undefined;
}

function passwordError(state: ArriveState, t: ReturnType<typeof useFirstText>['t']): string | undefined {
  if (state.passwordFault === 'short')
    return t('signUp.passwordShort', { count: state.offer?.passwordLeast ?? 0 });
  return state.passwordFault && t('signIn.passwordMissing');
}

/** [UX-22] The end of an account is no mistake of who signs in: a mail with a link has left by itself, and
 * another attempt sends another. */
function Refusal({ state }: { state: ArriveState }): ReactElement | null {
  const { t } = useFirstText();
  const { failure, mode } = state;
  if (!failure) return null;
  if (failure.code !== 'ORG_MATRIX_EXPIRED_ACCOUNT') return <FailureNotice failure={failure} place={mode} />;
  return (
    <Notice kind="warning" title={t('expired.title')} announced>
      <p>{t('expired.sent')}</p>
      <div className="ui-actions">
        <Button type="submit" busy={state.busy}>
          {t('expired.send')}
        </Button>
      </div>
    </Notice>
  );
}

function Form({ model, state }: { model: ArriveModel; state: ArriveState }): ReactElement {
  const { t } = useFirstText();
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
      {state.failure && <Refusal state={state} />}
      {signUp && state.offer?.way === 'token' && (
        <Field
          label={t('signUp.invitation')}
          hint={t('signUp.invitationHint')}
          value={state.invitation}
          onValue={(invitation) => model.setInvitation(invitation)}
          error={state.invitationMissing ? t('signUp.invitationMissing') : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      <Field
        label={t(signUp ? 'signUp.name' : 'signIn.name')}
        hint={t(signUp ? 'signUp.nameHint' : 'signIn.nameHint')}
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

/** The form by mail, or why there is none. */
function ByMail({ model, state }: { model: ArriveModel; state: ArriveState }): ReactElement {
  const { t } = useFirstText();
  const purpose = state.mode === 'reset' ? 'reset' : 'signUp';
  useEffect(() => void model.findOffer(), [model]);
  const { offer } = state;
  const mail = useMemo(() => offer && model.byMail(offer, purpose), [model, offer, purpose]);
  const named = offer?.way === 'open' || offer?.way === 'token';
  if (named && purpose === 'signUp') return <Form model={model} state={state} />;
  if (offer?.way === 'email' && mail) return <MailSignUp model={mail} />;
  if (offer)
    return (
      <Notice kind="info" title={t(`${purpose}.closed.title`)}>
        <p>{t(`${purpose}.closed.text`)}</p>
      </Notice>
    );
  if (!state.failure) return <Waiting>{t('signUp.looking')}</Waiting>;
  return (
    <FailureNotice failure={state.failure}>
      <Button onClick={() => void model.findOffer()}>{t('app.retry')}</Button>
    </FailureNotice>
  );
}

/** As easily found as signing in: most who see this screen have no account yet. */
function FirstVisit({ href }: { href: string }): ReactElement {
  const { t } = useFirstText();
  return (
    <div className="arrive__first">
      <p className="arrive__divider">{t('signIn.noAccount')}</p>
      <a
        className="ui-btn ui-btn--secondary fr-btn fr-btn--secondary"
        href={href}
        aria-describedby="first-hint"
      >
        {t('signUp.submit')}
      </a>
      <p className="arrive__hint" id="first-hint">
        {t('signIn.firstHint')}
      </p>
    </div>
  );
}

export function ArriveView({ model, hrefs }: Props): ReactElement {
  const { t } = useFirstText();
  const state = useLive(model.state);
  const { mode } = state;
  return (
    <section className="arrive" aria-labelledby="arrive-title">
      <h1 id="arrive-title" tabIndex={-1}>
        {t(`${mode}.title`)}
      </h1>
      {mode === 'signIn' ? (
        <>
          <Form model={model} state={state} />
          <p>
            <a className="fr-link" href={hrefs.reset}>
              {t('signIn.forgotten')}
            </a>
          </p>
          <FirstVisit href={hrefs.signUp} />
        </>
      ) : (
        <>
          <ByMail key={mode} model={model} state={state} />
          <p className="arrive__other">
            {t(mode === 'signUp' ? 'signUp.hasAccount' : 'reset.remembered')}{' '}
            <a className="fr-link" href={hrefs.signIn}>
              {t('signIn.title')}
            </a>
          </p>
        </>
      )}
    </section>
  );
}
