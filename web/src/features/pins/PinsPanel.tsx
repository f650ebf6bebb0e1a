// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useState } from 'react';
import type { Room } from '../../core/rooms.ts';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { MessageCard } from '../cards/MessageCard.tsx';

interface Props {
  room: Room;
  onJump: (id: string) => void;
  onUnpin: (id: string) => void;
  onClose: () => void;
}

/** What is pinned in a room, the last first. */
export function PinsPanel({ room, onJump, onUnpin, onClose }: Props): ReactElement {
  const { t } = useText();
  const ids = useLive(room.pins.ids);
  const { pin } = useLive(room.governance.rights);
  const [messages, setMessages] = useState<readonly Message[]>();
  useEffect(() => {
    let wanted = true;
    void room.pins.load(ids).then((found) => wanted && setMessages(found));
    return () => {
      wanted = false;
    };
  }, [room, ids]);
  return (
    <Panel title={t('room.pinned')} closeLabel={t('app.close')} onClose={onClose}>
      {!messages && <Waiting>{t('pins.looking')}</Waiting>}
      {messages?.length === 0 && <p className="cards__none">{t('pins.none')}</p>}
      <ul className="cards">
        {messages?.map((message) => (
          <MessageCard key={message.id} message={message} files={room.files}>
            <Button
              kind="quiet"
              aria-label={t('pins.goToOne', { name: message.sender.name })}
              onClick={() => onJump(message.id)}
            >
              {t('pins.goTo')}
            </Button>
            {pin && (
              <Button kind="quiet" onClick={() => onUnpin(message.id)}>
                {t('talk.unpin')}
              </Button>
            )}
          </MessageCard>
        ))}
      </ul>
    </Panel>
  );
}
