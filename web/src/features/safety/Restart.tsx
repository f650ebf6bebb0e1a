// SPDX-License-Identifier: EUPL-1.2
import type { FormEvent, ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import type { SafetyModel, SafetyView } from './SafetyModel.ts';

/** First step: what is lost, and what is not. */
export function Loss({ model }: { model: SafetyModel }): ReactElement {
  const { t } = useText();
  return (
    <section className="ui-page safety" aria-labelledby="safety-title">
      <h1 id="safety-title" tabIndex={-1}>
        {t('loss.title')}
      </h1>
      <p>{t('loss.text')}</p>
      <ul className="safety__list">
        <li>{t('loss.keeps')}</li>
        <li>{t('loss.told')}</li>
        <li>{t('loss.new')}</li>
      </ul>
      <div className="ui-actions">
        <Button kind="danger" onClick={() => model.lost('restart')}>
          {t('loss.continue')}
        </Button>
        <Button onClick={() => model.lost('unlock')}>{t('loss.back')}</Button>
      </div>
    </section>
  );
}

/** Second step: the password. */
export function Restart({ model, view }: { model: SafetyModel; view: SafetyView }): ReactElement {
  const { t } = useText();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void model.restart();
  };
  return (
    <section className="ui-page safety" aria-labelledby="safety-title">
      <h1 id="safety-title" tabIndex={-1}>
        {t('restart.title')}
      </h1>
      {view.failure && <FailureNotice failure={view.failure} place="restart" />}
      <form className="safety__form" noValidate onSubmit={submit}>
        <Field
          label={t('restart.password')}
          type="password"
          autoComplete="current-password"
          value={view.typed}
          onValue={(typed) => model.type(typed)}
          error={view.missing ? t('restart.missing') : undefined}
        />
        <div className="ui-actions">
          <Button type="submit" kind="danger" busy={view.busy}>
            {t(view.busy ? 'restart.busy' : 'restart.submit')}
          </Button>
          <Button onClick={() => model.lost('unlock')}>{t('app.cancel')}</Button>
        </div>
      </form>
    </section>
  );
}
