// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useMemo } from 'react';
import type { Timeline } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { MOST_ANSWERS, PollModel } from './PollModel.ts';

interface Props {
  timeline: Timeline;
  onClose: () => void;
}

export function CreatePoll({ timeline, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new PollModel(timeline), [timeline]);
  const state = useLive(model.state);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await model.submit()) onClose();
  };
  return (
    <Dialog title={t('poll.title')} closeLabel={t('app.close')} onClose={onClose}>
      <form className="ui-form" noValidate onSubmit={submit}>
        {state.failure && <FailureNotice failure={state.failure} />}
        <Field
          label={t('poll.question')}
          value={state.question}
          onValue={(value) => model.setQuestion(value)}
          error={state.questionFault ? t('poll.questionMissing') : undefined}
          maxLength={300}
          autoComplete="off"
        />
        {state.answers.map((answer, at) => (
          <Field
            // oxlint-disable-next-line react/no-array-index-key -- answers have no other name than their place
            key={at}
            label={t('poll.answer', { count: at + 1 })}
            value={answer}
            onValue={(value) => model.setAnswer(at, value)}
            error={at === 0 && state.answersFault ? t('poll.answersMissing') : undefined}
            maxLength={120}
            autoComplete="off"
          />
        ))}
        {state.answers.length < MOST_ANSWERS && (
          <div className="ui-actions">
            <Button kind="quiet" icon="plus" onClick={() => model.addAnswer()}>
              {t('poll.add')}
            </Button>
          </div>
        )}
        <Choice
          legend={t('poll.howMany')}
          value={state.several ? 'several' : 'one'}
          onValue={(value) => model.setSeveral(value === 'several')}
          options={[
            { value: 'one', label: t('poll.one') },
            { value: 'several', label: t('poll.several') },
          ]}
        />
        <Choice
          legend={t('poll.when')}
          value={state.disclosed ? 'disclosed' : 'undisclosed'}
          onValue={(value) => model.setDisclosed(value === 'disclosed')}
          options={[
            { value: 'disclosed', label: t('poll.disclosed') },
            { value: 'undisclosed', label: t('poll.undisclosed') },
          ]}
        />
        <div className="ui-actions">
          <Button type="submit" kind="primary" busy={state.busy}>
            {t('poll.submit')}
          </Button>
          <Button onClick={onClose}>{t('app.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
