// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Governance } from '../../core/governance.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  governance: Governance;
  onClose: () => void;
}

/** [UX-7] What cannot be undone is said before it is done. */
export function OpenToExternals({ governance, onClose }: Props): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const confirm = async () => {
    if (await attempt.run(() => governance.openToExternals())) onClose();
  };
  return (
    <Dialog title={t('opening.title')} closeLabel={t('app.close')} onClose={onClose}>
      <p>{t('opening.text')}</p>
      <Notice kind="warning">{t('opening.forever')}</Notice>
      {failure && <FailureNotice failure={failure} />}
      <div className="ui-actions">
        <Button kind="danger" busy={busy} onClick={() => void confirm()}>
          {t('opening.confirm')}
        </Button>
        <Button onClick={onClose}>{t('app.cancel')}</Button>
      </div>
    </Dialog>
  );
}
