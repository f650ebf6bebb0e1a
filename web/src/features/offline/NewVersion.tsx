// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import type { PageWorker } from '../../core/page-worker.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';

/** A new version waits: it is applied when the person says so, or when the last tab is closed. */
export function NewVersion({ worker }: { worker: PageWorker }): ReactElement {
  const { t } = useText();
  const { update } = useLive(worker.state);
  const [later, setLater] = useState(false);
  return (
    <div role="status">
      {update && !later && (
        <div className="ui-banner">
          <span>{t('version.ready')}</span>
          <Button onClick={() => worker.applyUpdate()}>{t('version.apply')}</Button>
          <Button kind="quiet" onClick={() => setLater(true)}>
            {t('version.later')}
          </Button>
        </div>
      )}
    </div>
  );
}
