// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useState } from 'react';
import type { Room } from '../../core/rooms.ts';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { Body } from '../conversation/Body.tsx';
import { PersonName } from '../PersonName.tsx';
import './pins.css';

interface Props {
  room: Room;
  onJump: (id: string) => void;
  onUnpin: (id: string) => void;
  onClose: () => void;
}

/** What is pinned in a room, the last first. */
export function PinsPanel({ room, onJump, onUnpin, onClose }: Props): ReactElement {
  const text = useText();
  const { t } = text;
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
      {messages?.length === 0 && <p className="pins__none">{t('pins.none')}</p>}
      <ul className="pins">
        {messages?.map((message) => (
          <li key={message.id} className="pins__one">
            <p className="pins__who">
              <PersonName person={message.sender} short />{' '}
              <time dateTime={new Date(message.at).toISOString()}>{text.moment(message.at)}</time>
            </p>
            <Body content={message.content} />
            <div className="ui-actions">
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
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
