// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Message, Poll, PollAnswer } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import type { ConversationModel } from '../conversation/ConversationModel.ts';
import './polls.css';

interface Props {
  message: Message;
  poll: Poll;
  model: ConversationModel;
}

/** What one has chosen once this answer is pressed: one of one, or some of several. */
export function nextChoice(poll: Poll, answer: PollAnswer): readonly string[] {
  const mine = poll.answers.filter((one) => one.mine).map((one) => one.id);
  if (answer.mine) return mine.filter((id) => id !== answer.id);
  return poll.most === 1 ? [answer.id] : [...mine, answer.id].slice(-poll.most);
}

/** [UX-20] A question and its answers, each a button that says how it stands. */
export function PollView({ message, poll, model }: Props): ReactElement {
  const { t } = useText();
  const open = !poll.ended && message.state === 'sent';
  return (
    <div className="poll" role="group" aria-label={t('poll.label', { question: poll.question })}>
      <p className="poll__question">{poll.question}</p>
      <ul className="poll__answers">
        {poll.answers.map((answer) => (
          <li key={answer.id}>
            <button
              type="button"
              className="poll__answer"
              aria-pressed={answer.mine}
              aria-disabled={!open || undefined}
              onClick={() => open && void model.vote(message.id, nextChoice(poll, answer))}
            >
              <span>{answer.text}</span>
              {poll.shown && <span className="poll__votes">{t('poll.votes', { count: answer.votes })}</span>}
              {poll.shown && (
                <span className="poll__part" aria-hidden="true">
                  <span style={{ width: `${(100 * answer.votes) / Math.max(poll.voters, 1)}%` }} />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <p className="talk__note">
        {[
          poll.ended && t('poll.ended'),
          !poll.ended && poll.most > 1 && t('poll.upTo', { count: poll.most }),
          t('poll.voters', { count: poll.voters }),
          !poll.shown && t('poll.hidden'),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {poll.shown && poll.unsure > 0 && (
        <p className="talk__note">{t('poll.unsure', { count: poll.unsure })}</p>
      )}
      {poll.shown && poll.passed > 0 && (
        <p className="talk__note">{t('poll.passed', { count: poll.passed })}</p>
      )}
      {poll.minePassed && <p className="talk__note">{t('poll.minePassed')}</p>}
      {open && message.mine && (
        <Button kind="quiet" onClick={() => void model.endPoll(message.id, t('poll.endWords'))}>
          {t('poll.end')}
        </Button>
      )}
    </div>
  );
}
