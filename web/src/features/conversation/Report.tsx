// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import type { Message, Timeline } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  timeline: Timeline;
  message: Message;
  onClose: () => void;
}

export function Report({ timeline, message, onClose }: Props): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, done, failure } = useLive(attempt.state);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!reason.trim());
    if (reason.trim()) void attempt.run(() => timeline.report(message.id, reason.trim()));
  };
  return (
    <Dialog title={t('report.title')} closeLabel={t('app.close')} onClose={onClose}>
      {done ? (
        <>
          <Notice kind="good" announced>
            {t('report.done')}
          </Notice>
          <div className="ui-actions">
            <Button onClick={onClose}>{t('app.close')}</Button>
          </div>
        </>
      ) : (
        <form className="ui-form" noValidate onSubmit={submit}>
          <p>{t('report.text')}</p>
          {failure && <FailureNotice failure={failure} />}
          <Field
            label={t('report.reason')}
            value={reason}
            onValue={setReason}
            error={missing ? t('report.missing') : undefined}
            maxLength={500}
            autoComplete="off"
          />
          <div className="ui-actions">
            <Button type="submit" kind="danger" busy={busy}>
              {t('report.submit')}
            </Button>
            <Button onClick={onClose}>{t('app.cancel')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
