// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useCallback, useMemo, useRef, useState } from 'react';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { useLive, useLivePart } from '../../ui/useLive.ts';
import type { UndoModel } from '../undo/UndoModel.ts';
import { Beginning } from './Beginning.tsx';
import { Composer } from './Composer.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { type Asked, Dialogs } from './Dialogs.tsx';
import { Head } from './Head.tsx';
import type { MessageActs } from './MessageView.tsx';
import { SidePanel } from './SidePanel.tsx';
import { TimelineView } from './TimelineView.tsx';
import './conversation.css';

interface Props {
  model: ConversationModel;
  session: Session;
  undo: UndoModel;
  backHref: string;
  hrefOf: (roomId: string) => string;
  onGo: (roomId: string) => void;
  /** The whole address of the room, or of a message in it. */
  linkTo: (eventId: string | undefined) => string;
  onUnlock: () => void;
  /** Looks through what was said here. */
  onSearch: () => void;
  onLeft: () => void;
}

export function ConversationView(props: Props): ReactElement {
  const { model, session, undo, backHref, hrefOf, linkTo, onGo, onSearch, onLeft } = props;
  const me = useLive(session.me).userId;
  const saved = useLive(session.saved.list);
  const locked = useLivePart(session.safety.state, ({ at }) => at === 'locked');
  const onUnlock = locked ? props.onUnlock : undefined;
  const text = useText();
  const { t } = text;
  const summary = useLive(model.room.summary);
  const typing = useLive(model.room.typing);
  const [asked, setAsked] = useState<Asked>();
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const compose = useCallback(() => requestAnimationFrame(() => box.current?.focus()), []);
  const copyLink = useCallback(
    async (id: string | undefined) => {
      await navigator.clipboard.writeText(linkTo(id));
      setCopied(true);
      setTimeout(() => setCopied(false), 3000);
    },
    [linkTo],
  );
  const acts: MessageActs = useMemo(
    () => ({
      thread: (message) => model.showThread(message.id),
      forward: (message) => setAsked({ what: 'forward', message }),
      report: (message) => setAsked({ what: 'report', message }),
      emoji: (of, message) => setAsked({ what: 'emoji', choose: (symbol) => void of.react(message, symbol) }),
      copyLink: (message) => void copyLink(message.id),
      isSaved: ({ id }) => saved.some((place) => place.id === id),
      save: ({ id }, yes) => void session.saved.set({ roomId: model.room.id, id }, yes).catch(() => {}),
      person: ({ sender }) => setAsked({ what: 'person', person: sender }),
    }),
    [model, session, saved, copyLink],
  );
  return (
    <article className="conversation" aria-labelledby="conversation-title">
      <Head
        model={model}
        backHref={backHref}
        hrefOf={hrefOf}
        onAsk={setAsked}
        onSearch={onSearch}
        onCopyLink={() => void copyLink(undefined)}
      />
      <div className="conversation__body">
        <div className="conversation__main">
          <TimelineView
            model={model}
            label={t('talk.messages', { room: summary.name })}
            acts={acts}
            onCompose={compose}
            onUnlock={onUnlock}
          />
          <Beginning model={model} onInvite={() => setAsked({ what: 'invite' })} />
          <p className="conversation__typing" role="status">
            {copied
              ? t('talk.copied')
              : typing.length > 0 && t('talk.typing', { names: text.list(typing), count: typing.length })}
          </p>
          <Composer model={model} box={box} onEmoji={(choose) => setAsked({ what: 'emoji', choose })} />
        </div>
        <SidePanel model={model} me={me} acts={acts} onAsk={setAsked} onUnlock={onUnlock} />
      </div>
      <Dialogs
        model={model}
        session={session}
        undo={undo}
        asked={asked}
        hrefOf={hrefOf}
        onGo={onGo}
        onLeft={onLeft}
        onClose={() => setAsked(undefined)}
      />
    </article>
  );
}
