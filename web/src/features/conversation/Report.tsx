// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Message, Timeline } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { ReportForm } from '../ReportForm.tsx';

interface Props {
  timeline: Timeline;
  message: Message;
  onClose: () => void;
}

export function Report({ timeline, message, onClose }: Props): ReactElement {
  const { t } = useText();
  return (
    <Dialog title={t('report.title')} closeLabel={t('app.close')} onClose={onClose}>
      <ReportForm
        text={t('report.text')}
        done={t('report.done')}
        onReport={(reason) => timeline.report(message.id, reason)}
        onClose={onClose}
      />
    </Dialog>
  );
}
