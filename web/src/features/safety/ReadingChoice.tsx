// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense, useState } from 'react';
import type { Comparison } from '../../core/safety.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { QrPicture } from './QrPicture.tsx';
import type { SafetyModel } from './SafetyModel.ts';

const Reader = lazy(() => import('./Reader.tsx').then((module) => ({ default: module.Reader })));

const hasCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === 'function';

/** One device shows a code and the other reads it, whichever has the better camera; or both show pictures. */
export function ReadingChoice({
  comparison,
  model,
}: {
  comparison: Comparison;
  model: SafetyModel;
}): ReactElement {
  const { t } = useText();
  const [reading, setReading] = useState(false);
  const { code, mayRead } = comparison;
  const pictures = <Button onClick={() => void model.choosePictures()}>{t('compare.choosePictures')}</Button>;
  if (reading)
    return (
      <Suspense fallback={<Waiting>{t('compare.camera')}</Waiting>}>
        <Reader model={model} />
        <div className="ui-actions">
          <Button onClick={() => setReading(false)}>{t('compare.stopReading')}</Button>
          {pictures}
        </div>
      </Suspense>
    );
  return (
    <>
      {code && (
        <>
          <p>{t('compare.show')}</p>
          <QrPicture code={code} />
        </>
      )}
      <div className="ui-actions">
        {mayRead && hasCamera() && (
          <Button kind="primary" onClick={() => setReading(true)}>
            {t('compare.readOne')}
          </Button>
        )}
        {pictures}
      </div>
    </>
  );
}
