// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { UndoModel } from './UndoModel.ts';

export function UndoToast({ model }: { model: UndoModel }): ReactElement {
  const { t } = useText();
  const toast = useLive(model.state);
  useEffect(() => {
    const flush = () => model.flush();
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      // Where nobody can take it back any more, nothing waits.
      flush();
    };
  }, [model]);
  return (
    <div className="ui-toasts" role="status">
      {toast && (
        <div
          className="ui-toast"
          onPointerEnter={() => model.hold(true)}
          onPointerLeave={() => model.hold(false)}
          onFocus={() => model.hold(true)}
          onBlur={() => model.hold(false)}
        >
          <span>{t(toast.text, toast.values)}</span>
          {toast.open && (
            <Button kind="quiet" onClick={() => model.undo()}>
              {t('undo.undo')}
            </Button>
          )}
          <Button kind="quiet" icon="close" iconOnly onClick={() => model.flush()}>
            {t(toast.open ? 'undo.now' : 'app.close')}
          </Button>
        </div>
      )}
    </div>
  );
}
