// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useCallback, useEffect, useMemo, useRef } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Panel } from '../../ui/Panel.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Composer } from '../conversation/Composer.tsx';
import type { ConversationModel } from '../conversation/ConversationModel.ts';
import type { MessageActs } from '../conversation/MessageView.tsx';
import { TimelineView } from '../conversation/TimelineView.tsx';
import { MembersCount } from '../members/MembersCount.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';

interface Props {
  /** Of the room that the thread is in. */
  model: ConversationModel;
  rootId: string;
  /** Shown, and marked; without it, the end. */
  answerId: string | undefined;
  acts: MessageActs;
  onClose: () => void;
  onUnlock: (() => void) | undefined;
  onEmoji: (choose: (symbol: string) => void) => void;
}

/** [UX-20] A thread beside its room: what was answered to one message, and the answer to come. */
export function ThreadPanel(props: Props): ReactElement {
  const { model, rootId, answerId, acts, onClose, onUnlock, onEmoji } = props;
  const { t } = useText();
  const thread = useMemo(() => model.openThread(rootId), [model, rootId]);
  useEffect(() => thread.open(answerId), [thread, answerId]);
  const summary = useLive(model.room.summary);
  const members = useLive(model.room.members);
  const box = useRef<HTMLTextAreaElement>(null);
  const compose = useCallback(() => requestAnimationFrame(() => box.current?.focus()), []);
  return (
    <Panel
      title={t('thread.in', { room: summary.name })}
      closeLabel={t('app.close')}
      onClose={onClose}
      note={
        <RoomMark room={summary}>{summary.kind !== 'direct' && <MembersCount members={members} />}</RoomMark>
      }
      wide={{ back: t('app.back') }}
    >
      <TimelineView
        model={thread}
        label={t('thread.title')}
        acts={acts}
        onCompose={compose}
        onUnlock={onUnlock}
      />
      <Composer model={thread} box={box} onEmoji={onEmoji} />
    </Panel>
  );
}
