// SPDX-License-Identifier: EUPL-1.2
import { memo, type ReactElement } from 'react';
import type { Content, Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { PersonName } from '../PersonName.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { cleanHtml } from './html.ts';

const EMOJI = ['👍', '❤️', '😀', '🎉', '👀', '✅'];

function Body({ content }: { content: Content }): ReactElement {
  const { t } = useText();
  switch (content.kind) {
    case 'deleted':
      return <p className="talk__aside">{t('talk.deleted')}</p>;
    case 'file':
      return <p className="talk__aside">{t('talk.file', { name: content.name })}</p>;
    case 'locked':
      return <p className="talk__aside">{t('talk.locked', { count: 1 })}</p>;
    case 'unknown':
      return <p className="talk__aside">{t('talk.unknown')}</p>;
    default: {
      const html = content.html && cleanHtml(content.html);
      return html ? (
        // Clean, and TrustedHTML: the policy lets nothing else in.
        <div className="talk__text" dangerouslySetInnerHTML={{ __html: html }} />
      ) : (
        <p className="talk__text talk__text--plain">{content.text}</p>
      );
    }
  }
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
        {name ? t('talk.replyTo', { name }) : t('talk.replyToUnknown')}
      </button>
      {quote.text && <p className="talk__quoted">{quote.text}</p>}
    </blockquote>
  );
}

function State({ message, model }: { message: Message; model: ConversationModel }): ReactElement | null {
  const { t } = useText();
  const { timeline } = model;
  if (message.state === 'sending') return <span className="talk__note">{t('talk.sending')}</span>;
  if (message.state === 'sent')
    return message.edited ? <span className="talk__note">{t('talk.edited')}</span> : null;
  return (
    <span className="talk__failed" role="alert">
      {t('talk.failed')}
      <Button kind="quiet" onClick={() => timeline.resend(message.id)}>
        {t('talk.resend')}
      </Button>
      <Button kind="quiet" onClick={() => timeline.discard(message.id)}>
        {t('talk.discard')}
      </Button>
    </span>
  );
}

interface Props {
  message: Message;
  named: boolean;
  model: ConversationModel;
  onJump: (id: string) => unknown;
  /** Puts the focus where one types. */
  onCompose: () => void;
}

export const MessageView = memo(function MessageView(props: Props): ReactElement {
  const { message, named, model, onJump, onCompose } = props;
  const text = useText();
  const { t } = text;
  const { sender, content, state } = message;
  const items: MenuItem[] = [];
  if (state === 'sent' && content.kind !== 'deleted') {
    for (const emoji of EMOJI)
      items.push({
        label: t('talk.react', { emoji }),
        symbol: emoji,
        run: () => void model.react(message, emoji),
      });
    const compose = (action: (message: Message) => void) => () => {
      action(message);
      onCompose();
    };
    items.push({ label: t('talk.reply'), icon: 'reply', run: compose((m) => model.reply(m)) });
    if (message.mayEdit)
      items.push({ label: t('talk.edit'), icon: 'edit', run: compose((m) => model.edit(m)) });
    if ('text' in content)
      items.push({
        label: t('talk.copy'),
        icon: 'copy',
        run: () => void navigator.clipboard.writeText(content.text),
      });
    if (message.mayDelete)
      items.push({
        label: t('talk.delete'),
        icon: 'trash',
        danger: true,
        run: compose((m) => model.remove(m)),
      });
  }
  return (
    <li
      className="talk__message"
      id={`m-${message.id}`}
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
        </p>
        <Quoted message={message} onJump={onJump} />
        <Body content={content} />
        <State message={message} model={model} />
        <Reactions message={message} model={model} />
      </div>
      {items.length > 0 && (
        <Menu label={t('talk.actions', { name: sender.name })} icon="more" items={items} />
      )}
    </li>
  );
});
