// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { useLive } from '../ui/useLive.ts';
import { Attempt } from './Attempt.ts';
import { OneFieldForm } from './OneFieldForm.tsx';

interface Props {
  /** Who is told, and who is not. */
  text: string;
  done: string;
  onReport: (reason: string) => Promise<void>;
  /** Of the dialog that it fills. */
  onClose?: () => void;
}

/** Something or somebody is reported, with a few words of why. */
export function ReportForm({ text, done, onReport, onClose }: Props): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const reported = useLive(attempt.state).done;
  const close = onClose && <Button onClick={onClose}>{t(reported ? 'app.close' : 'app.cancel')}</Button>;
  if (reported)
    return (
      <>
        <Notice kind="good" announced>
          {done}
        </Notice>
        {close && <div className="ui-actions">{close}</div>}
      </>
    );
  return (
    <OneFieldForm
      attempt={attempt}
      label={t('report.reason')}
      missing={t('report.missing')}
      submit={t('report.submit')}
      danger={onClose !== undefined}
      maxLength={500}
      onSubmit={onReport}
      more={close}
    >
      <p>{text}</p>
    </OneFieldForm>
  );
}
