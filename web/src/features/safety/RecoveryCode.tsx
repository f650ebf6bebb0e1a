// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeWays } from './CodeWays.tsx';
import type { SafetyModel } from './SafetyModel.ts';

interface Props {
  model: SafetyModel;
  code: string;
  userId: string;
}

/** The one screen about the code: what it is for, and four ways of keeping it. */
export function RecoveryCode({ model, code, userId }: Props): ReactElement {
  const { t } = useText();
  return (
    <section className="ui-page safety" aria-labelledby="safety-title">
      <h1 id="safety-title" tabIndex={-1}>
        {t('code.title')}
      </h1>
      <p>{t('code.text')}</p>
      <CodeWays code={code} userId={userId} />
      <p className="safety__hint">{t('code.where')}</p>
      <div className="ui-actions">
        <Button kind="primary" icon="check" onClick={() => void model.saved()}>
          {t('code.saved')}
        </Button>
        <Button kind="quiet" onClick={() => void model.later()}>
          {t('code.later')}
        </Button>
      </div>
    </section>
  );
}
