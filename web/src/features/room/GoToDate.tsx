// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import type { Timeline } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  timeline: Timeline;
  onClose: () => void;
}

/** The browser's own field of dates, and the first message from its midnight on. */
export function GoToDate({ timeline, onClose }: Props): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const [date, setDate] = useState('');
  const [fault, setFault] = useState<'missing' | 'none'>();
  const go = async () => {
    // Of the place where one is: a date alone would be midnight in Greenwich.
    const found = await timeline.loadAt(new Date(`${date}T00:00`).getTime());
    if (found) onClose();
    else setFault('none');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFault(date ? undefined : 'missing');
    if (date) void attempt.run(go);
  };
  return (
    <Dialog title={t('date.title')} closeLabel={t('app.close')} onClose={onClose}>
      <form className="ui-form" noValidate onSubmit={submit}>
        {failure && <FailureNotice failure={failure} />}
        <Field
          label={t('date.label')}
          type="date"
          value={date}
          onValue={setDate}
          error={fault && t(`date.${fault}`)}
        />
        <div className="ui-actions">
          <Button type="submit" kind="primary" busy={busy}>
            {t('date.submit')}
          </Button>
          <Button onClick={onClose}>{t('app.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
