// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { UndoModel } from './UndoModel.ts';

export function UndoToast({ model }: { model: UndoModel }): ReactElement {
  const { t } = useText();
  const offer = useLive(model.state);
  useEffect(() => {
    const flush = () => model.flush();
    window.addEventListener('pagehide', flush);
    return () => window.removeEventListener('pagehide', flush);
  }, [model]);
  return (
    <div className="ui-toasts" role="status">
      {offer && (
        <div
          className="ui-toast"
          onPointerEnter={() => model.hold(true)}
          onPointerLeave={() => model.hold(false)}
          onFocus={() => model.hold(true)}
          onBlur={() => model.hold(false)}
        >
          <span>{t(offer.text, offer.values)}</span>
          <Button kind="quiet" onClick={() => model.undo()}>
            {t('undo.undo')}
          </Button>
        </div>
      )}
    </div>
  );
}
