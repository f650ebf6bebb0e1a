// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect } from 'react';
import { failureCode } from '../../i18n/failure-text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { RecoveryCode } from './RecoveryCode.tsx';
import { Loss, Restart } from './Restart.tsx';
import type { SafetyModel, SafetyView } from './SafetyModel.ts';
import { Unlock } from './Unlock.tsx';
import './safety.css';

interface Props {
  model: SafetyModel;
  view: SafetyView;
}

/** What takes the place of the page while `view.screen` is not "none". */
export function SafetyScreens({ model, view, userId }: Props & { userId: string }): ReactElement | null {
  const { screen } = view;
  useEffect(() => {
    if (screen !== 'none') document.getElementById('safety-title')?.focus();
  }, [screen]);
  if (screen === 'code') return <RecoveryCode model={model} code={view.code} userId={userId} />;
  if (screen === 'unlock') return <Unlock model={model} view={view} />;
  if (screen === 'loss') return <Loss model={model} />;
  if (screen === 'restart') return <Restart model={model} view={view} />;
  return null;
}

export function SafetyBanner({ model, view }: Props): ReactElement | null {
  const { t } = useText();
  if (view.banner === 'code')
    return (
      <div className="ui-banner" role="status">
        <p>{t('code.banner')}</p>
        <Button kind="quiet" onClick={() => model.show('code')}>
          {t('code.bannerShow')}
        </Button>
        <Button kind="quiet" onClick={() => void model.later()}>
          {t('code.later')}
        </Button>
      </div>
    );
  if (view.banner === 'locked')
    return (
      <div className="ui-banner" role="status">
        <p>{t(view.replaced ? 'replaced.banner' : 'unlock.banner')}</p>
        <Button kind="quiet" onClick={() => model.show('unlock')}>
          {t(view.replaced ? 'replaced.bannerShow' : 'unlock.bannerShow')}
        </Button>
      </div>
    );
  if (view.banner === 'failed' && view.failure)
    return (
      <div className="ui-banner" role="status">
        <p>
          {t('safety.failed')} {t('app.code', { code: failureCode(view.failure) })}
        </p>
        <Button kind="quiet" onClick={() => void model.retry()}>
          {t('app.retry')}
        </Button>
      </div>
    );
  return null;
}
