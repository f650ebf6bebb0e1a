// SPDX-License-Identifier: EUPL-1.2
// What can be done with a message.
import type { Message } from '../../core/timeline.ts';
import type { Text } from '../../i18n/text.ts';
import type { MenuItem } from '../../ui/Menu.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import type { MessageActs } from './MessageView.tsx';

/** At hand; all others are one step further. */
const EMOJI = ['👍', '❤️', '😀', '🎉', '👀', '✅'];

interface Parts {
  message: Message;
  model: ConversationModel;
  acts: MessageActs;
  t: Text['t'];
  pinned: boolean;
  mayPin: boolean;
  onCompose: () => void;
}

const mayForward = (content: Message['content']): boolean =>
  'text' in content || (content.kind === 'file' && content.attachment !== undefined);

export function itemsOf({ message, model, acts, t, pinned, mayPin, onCompose }: Parts): MenuItem[] {
  const { content, state } = message;
  if (state !== 'sent' || content.kind === 'deleted') return [];
  const then = (action: (message: Message) => unknown) => () => void action(message);
  const compose = (action: (message: Message) => void) => () => {
    action(message);
    onCompose();
  };
  const text = 'text' in content ? content.text : undefined;
  const all: (MenuItem | false)[] = [
    ...EMOJI.map((emoji) => ({
      label: t('talk.react', { emoji }),
      symbol: emoji,
      run: () => void model.react(message, emoji),
    })),
    { label: t('talk.moreEmoji'), icon: 'react', run: () => acts.emoji(model, message) },
    { label: t('talk.reply'), icon: 'reply', run: compose((m) => model.reply(m)) },
    !model.inThread && { label: t('talk.thread'), icon: 'thread', run: then(acts.thread) },
    message.mayEdit && { label: t('talk.edit'), icon: 'edit', run: compose((m) => model.edit(m)) },
    text !== undefined && {
      label: t('talk.copy'),
      icon: 'copy',
      run: () => void navigator.clipboard.writeText(text),
    },
    { label: t('talk.link'), icon: 'link', run: then(acts.copyLink) },
    mayForward(content) && { label: t('talk.forward'), icon: 'arrow', run: then(acts.forward) },
    {
      label: t(acts.isSaved(message) ? 'talk.unsave' : 'talk.save'),
      icon: 'bookmark',
      run: () => acts.save(message, !acts.isSaved(message)),
    },
    mayPin && {
      label: t(pinned ? 'talk.unpin' : 'talk.pin'),
      icon: 'pin',
      run: () => void model.pin(message.id, !pinned),
    },
    !message.mine && { label: t('person.show'), icon: 'person', run: then(acts.person) },
    !message.mine && { label: t('talk.report'), icon: 'warning', run: then(acts.report) },
    message.mayDelete && {
      label: t('talk.delete'),
      icon: 'trash',
      danger: true,
      run: compose((m) => model.remove(m)),
    },
  ];
  return all.filter((item) => item !== false);
}
