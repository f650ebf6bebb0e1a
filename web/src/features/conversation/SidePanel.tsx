// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense } from 'react';
import { useLivePart } from '../../ui/useLive.ts';
import { GuardedPanel } from '../Guarded.tsx';
import { MembersPanel } from '../members/MembersPanel.tsx';
import { InfoPanel } from '../room/InfoPanel.tsx';
import { ThreadPanel } from '../threads/ThreadPanel.tsx';
import { ThreadsPanel } from '../threads/ThreadsPanel.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import type { Asked } from './Dialogs.tsx';
import type { MessageActs } from './MessageView.tsx';

const GalleryPanel = lazy(() =>
  import('../gallery/GalleryPanel.tsx').then((module) => ({ default: module.GalleryPanel })),
);
const PinsPanel = lazy(() =>
  import('../pins/PinsPanel.tsx').then((module) => ({ default: module.PinsPanel })),
);

interface Props {
  model: ConversationModel;
  me: string;
  acts: MessageActs;
  onAsk: (asked: Asked) => void;
  onUnlock: (() => void) | undefined;
}

/** What stands beside the conversation, one thing at a time. */
export function SidePanel(props: Props): ReactElement {
  const { model } = props;
  const panel = useLivePart(model.state, (state) => state.panel);
  return (
    <GuardedPanel of={panel} onClose={() => model.show('none')}>
      <OpenPanel {...props} />
    </GuardedPanel>
  );
}

function OpenPanel({ model, me, acts, onAsk, onUnlock }: Props): ReactElement | null {
  const panel = useLivePart(model.state, (state) => state.panel);
  const rootId = useLivePart(model.state, (state) => state.rootId);
  const answerId = useLivePart(model.state, (state) => state.answerId);
  const { room } = model;
  const close = () => model.show('none');
  const jump = (id: string) => {
    close();
    void model.goTo(id);
  };
  switch (panel) {
    case 'members':
      return (
        <MembersPanel
          room={room}
          me={me}
          onInvite={() => onAsk({ what: 'invite' })}
          onPerson={(person) => onAsk({ what: 'person', person })}
          onClose={close}
        />
      );
    case 'info':
      return <InfoPanel room={room} onClose={close} />;
    case 'pins':
      return (
        <Suspense>
          <PinsPanel room={room} onJump={jump} onUnpin={(id) => void model.pin(id, false)} onClose={close} />
        </Suspense>
      );
    case 'gallery':
      return (
        <Suspense>
          <GalleryPanel room={room} onJump={jump} onClose={close} />
        </Suspense>
      );
    case 'threads':
      return <ThreadsPanel room={room} onOpen={(id) => model.showThread(id)} onClose={close} />;
    case 'thread':
      return rootId ? (
        <ThreadPanel
          key={`${rootId} ${answerId ?? ''}`}
          model={model}
          rootId={rootId}
          answerId={answerId}
          acts={acts}
          onClose={close}
          onUnlock={onUnlock}
          onEmoji={(choose) => onAsk({ what: 'emoji', choose })}
        />
      ) : null;
    default:
      return null;
  }
}
