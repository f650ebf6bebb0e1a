// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense } from 'react';
import type { Comparison } from '../../core/safety.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { pictureName } from './pictures.ts';
import type { SafetyModel } from './SafetyModel.ts';

const ReadingChoice = lazy(() =>
  import('./ReadingChoice.tsx').then((module) => ({ default: module.ReadingChoice })),
);

function Pictures({ pictures }: { pictures: readonly string[] }): ReactElement {
  const { language } = useText();
  return (
    <ol className="safety__pictures">
      {pictures.map((picture, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- a picture may come twice, and none moves
        <li key={i}>
          <span className="safety__picture" aria-hidden="true">
            {picture}
          </span>
          <span>{pictureName(picture, language)}</span>
        </li>
      ))}
    </ol>
  );
}

function Step({ comparison, model }: { comparison: Comparison; model: SafetyModel }): ReactElement {
  const { t } = useText();
  const { step, pictures } = comparison;
  if (step === 'asked')
    return (
      <>
        <p>{t('compare.asked')}</p>
        <div className="ui-actions">
          <Button kind="primary" onClick={() => void model.accept()}>
            {t('compare.accept')}
          </Button>
          <Button onClick={() => void model.closeComparison()}>{t('compare.refuse')}</Button>
        </div>
      </>
    );
  if (step === 'choosing')
    return (
      <Suspense fallback={<Waiting>{t('compare.preparing')}</Waiting>}>
        <ReadingChoice comparison={comparison} model={model} />
      </Suspense>
    );
  if (step === 'read')
    return (
      <>
        <p>{t('compare.read')}</p>
        <div className="ui-actions">
          <Button kind="primary" onClick={() => void model.confirmRead(true)}>
            {t('compare.readMine')}
          </Button>
          <Button onClick={() => void model.confirmRead(false)}>{t('compare.readOther')}</Button>
        </div>
      </>
    );
  if (step === 'comparing')
    return (
      <>
        <p>{t('compare.comparing')}</p>
        <Pictures pictures={pictures} />
        <div className="ui-actions">
          <Button kind="primary" onClick={() => void model.confirm(true)}>
            {t('compare.same')}
          </Button>
          <Button onClick={() => void model.confirm(false)}>{t('compare.different')}</Button>
        </div>
      </>
    );
  if (step === 'done' || step === 'mismatch' || step === 'stopped')
    return (
      <>
        <Notice kind={step === 'done' ? 'good' : step === 'mismatch' ? 'error' : 'warning'} announced>
          <p>{t(`compare.${step}`)}</p>
        </Notice>
        <div className="ui-actions">
          <Button kind="primary" onClick={() => void model.closeComparison()}>
            {t('app.close')}
          </Button>
        </div>
      </>
    );
  return <Waiting>{t(`compare.${step}`)}</Waiting>;
}

/** Above whatever the page shows: the other device may ask at any moment. */
export function ComparisonDialog({ model }: { model: SafetyModel }): ReactElement | null {
  const { t } = useText();
  const comparison = useLive(model.comparison);
  if (!comparison) return null;
  return (
    <Dialog
      title={t('compare.title')}
      closeLabel={t('app.close')}
      onClose={() => void model.closeComparison()}
    >
      <Step comparison={comparison} model={model} />
    </Dialog>
  );
}
