// SPDX-License-Identifier: EUPL-1.2
import { lazy, memo, type ReactElement, Suspense } from 'react';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { useLive } from '../../ui/useLive.ts';
import { PersonName } from '../PersonName.tsx';
import { PollView } from '../polls/PollView.tsx';
import { Body } from './Body.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { DoubtMark } from './DoubtMark.tsx';
import { itemsOf } from './menu.ts';

const AttachmentView = lazy(() =>
  import('../files/AttachmentView.tsx').then((module) => ({ default: module.AttachmentView })),
);

/** What leads elsewhere: to another place of the screen, or to a question. */
export interface MessageActs {
  readonly thread: (message: Message) => void;
  readonly forward: (message: Message) => void;
  readonly report: (message: Message) => void;
  readonly emoji: (model: ConversationModel, message: Message) => void;
  readonly copyLink: (message: Message) => void;
  readonly person: (message: Message) => void;
  /** Keeps it at hand, or no longer. */
  readonly save: (message: Message, saved: boolean) => void;
  readonly isSaved: (message: Message) => boolean;
}

function Reactions({ message, model }: { message: Message; model: ConversationModel }): ReactElement | null {
  const text = useText();
  if (message.reactions.length === 0) return null;
  return (
    <ul className="talk__reactions">
      {message.reactions.map(({ emoji, people, mine }) => (
        <li key={emoji}>
          <button
            type="button"
            className="talk__reaction"
            aria-pressed={mine}
            aria-label={text.t('talk.reaction', { emoji, names: text.list(people), count: people.length })}
            title={text.list(people)}
            onClick={() => void model.react(message, emoji)}
          >
            <span>{emoji}</span> {people.length}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Quoted({
  message,
  onJump,
}: {
  message: Message;
  onJump: (id: string) => unknown;
}): ReactElement | null {
  const { t } = useText();
  const quote = message.replyTo;
  if (!quote) return null;
  const name = quote.sender;
  return (
    <blockquote className="talk__quote">
      <button type="button" className="talk__jump" title={t('talk.jump')} onClick={() => onJump(quote.id)}>
        {quote.mine ? t('talk.replyToYou') : name ? t('talk.replyTo', { name }) : t('talk.replyToUnknown')}
      </button>
      {quote.text && <p className="talk__quoted">{quote.text}</p>}
      {quote.doubt && <p className="talk__note">{t(`doubt.${quote.doubt}`)}</p>}
    </blockquote>
  );
}

function State({ message, model }: { message: Message; model: ConversationModel }): ReactElement | null {
  const { t } = useText();
  const { timeline } = model;
  if (message.state === 'sending') return <span className="talk__note">{t('talk.sending')}</span>;
  if (message.state === 'sent') return null;
  const discard = (
    <Button kind="quiet" onClick={() => void timeline.discard(message.id)}>
      {t('talk.discard')}
    </Button>
  );
  if (message.state === 'waiting')
    return (
      <span className="talk__waiting">
        {t('talk.waiting')}
        {discard}
      </span>
    );
  return (
    <span className="talk__failed" role="alert">
      {t(message.held ? `talk.held.${message.held}` : message.edited ? 'talk.failedEdit' : 'talk.failed')}
      <Button kind="quiet" onClick={() => void timeline.resend(message.id)}>
        {t('talk.resend')}
      </Button>
      {discard}
    </span>
  );
}

/** What was answered to it apart, and the way there. */
function ThreadLink({ message, acts }: { message: Message; acts: MessageActs }): ReactElement | null {
  const { t } = useText();
  const { thread } = message;
  if (!thread) return null;
  return (
    <button
      type="button"
      className="talk__thread"
      data-unread={thread.unread > 0 || undefined}
      onClick={() => acts.thread(message)}
    >
      {t('talk.threadOpen', { count: thread.count })}
      {thread.unread > 0 && ` · ${t('talk.threadUnread', { count: thread.unread })}`}
    </button>
  );
}

function Deleted(): ReactElement {
  const { t } = useText();
  return <p className="talk__aside">{t('talk.deletedByYou')}</p>;
}

/** Its words, its poll, or its file. */
function Said({ message, model }: { message: Message; model: ConversationModel }): ReactElement {
  const { content } = message;
  if (content.kind === 'poll') return <PollView message={message} poll={content.poll} model={model} />;
  if (content.kind === 'deleted' && content.bySender && message.mine) return <Deleted />;
  const body = <Body content={content} />;
  if (content.kind !== 'file' || !content.attachment) return body;
  return (
    <Suspense fallback={body}>
      <AttachmentView files={model.room.files} attachment={content.attachment} />
    </Suspense>
  );
}

interface Props {
  message: Message;
  named: boolean;
  model: ConversationModel;
  acts: MessageActs;
  onJump: (id: string) => unknown;
  /** Puts the focus where one types. */
  onCompose: () => void;
}

export const MessageView = memo(function MessageView(props: Props): ReactElement {
  const { message, named, model, acts, onJump, onCompose } = props;
  const text = useText();
  const { t } = text;
  const pins = useLive(model.room.pins.ids);
  const rights = useLive(model.room.governance.rights);
  const { sender, content, state } = message;
  const items = itemsOf({
    message,
    model,
    acts,
    t,
    onCompose,
    pinned: pins.includes(message.id),
    mayPin: rights.pin,
  });
  const edited = <span className="talk__note">{t('talk.edited')}</span>;
  return (
    <li
      className="talk__message"
      id={`${model.inThread ? 't' : 'm'}-${message.id}`}
      data-named={named || undefined}
      data-mine={message.mine || undefined}
      data-mentions={message.mentionsMe || undefined}
      data-kind={content.kind}
      data-state={state}
    >
      {named && <Avatar name={sender.name} seed={sender.id} />}
      <div className="talk__main">
        <p className={named ? 'talk__head' : 'ui-hidden'}>
          <span className="talk__sender">
            {message.mine ? t('talk.you') : <PersonName person={sender} />}
          </span>{' '}
          <time dateTime={new Date(message.at).toISOString()} title={text.moment(message.at)}>
            {text.time(message.at)}
          </time>
          {named && message.edited && <> {edited}</>}
        </p>
        <Quoted message={message} onJump={onJump} />
        <Said message={message} model={model} />
        {message.edited && !named && edited}
        {message.doubt && <DoubtMark doubt={message.doubt} />}
        <State message={message} model={model} />
        <Reactions message={message} model={model} />
        {!model.inThread && <ThreadLink message={message} acts={acts} />}
      </div>
      {items.length > 0 && (
        <Menu label={t('talk.actions', { name: sender.name })} icon="more" items={items} />
      )}
    </li>
  );
});
