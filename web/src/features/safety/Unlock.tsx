// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useRef } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import type { SafetyModel, SafetyView } from './SafetyModel.ts';

interface Props {
  model: SafetyModel;
  view: SafetyView;
}

function CodeForm({ model, view }: Props): ReactElement {
  const { t } = useText();
  const field = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await model.unlock();
    field.current?.focus();
  };
  return (
    <form className="safety__form" noValidate onSubmit={submit}>
      <Field
        ref={field}
        label={t('unlock.code')}
        hint={t(view.replaced ? 'replaced.codeHint' : 'unlock.codeHint')}
        value={view.typed}
        onValue={(typed) => model.type(typed)}
        error={view.missing ? t('unlock.codeMissing') : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <Button type="submit" kind="primary" busy={view.busy}>
        {t(view.busy ? 'unlock.busy' : view.replaced ? 'replaced.submit' : 'unlock.submit')}
      </Button>
    </form>
  );
}

/** A new device, or one that was confirmed and is no more: the ways that exist are all offered, and one may wait. */
export function Unlock({ model, view }: Props): ReactElement {
  const { t } = useText();
  return (
    <section className="ui-page safety" aria-labelledby="safety-title">
      <h1 id="safety-title" tabIndex={-1}>
        {t(view.replaced ? 'replaced.title' : 'unlock.title')}
      </h1>
      <p>{t(view.replaced ? 'replaced.text' : 'unlock.text')}</p>
      {view.replaced && (
        <Notice kind="warning">
          <p>{t('replaced.alarm')}</p>
        </Notice>
      )}
      {view.failure && <FailureNotice failure={view.failure} />}
      {view.hasCode && <CodeForm model={model} view={view} />}
      {view.hasOtherDevice && (
        <div className="safety__other">
          <p>{t('unlock.other')}</p>
          <Button onClick={() => void model.compare()}>{t('unlock.compare')}</Button>
        </div>
      )}
      <div className="ui-actions safety__foot">
        <Button kind="quiet" onClick={() => model.lost('loss')}>
          {t('unlock.lost')}
        </Button>
        <Button kind="quiet" onClick={() => void model.later()}>
          {t('unlock.later')}
        </Button>
      </div>
    </section>
  );
}
