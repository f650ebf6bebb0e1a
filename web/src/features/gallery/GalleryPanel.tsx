// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Room } from '../../core/rooms.ts';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { MessageCard } from '../cards/MessageCard.tsx';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  room: Room;
  onJump: (id: string) => void;
  onClose: () => void;
}

const KINDS = ['all', 'images', 'files'] as const;
type Kind = (typeof KINDS)[number];

function isOf(kind: Kind, { content }: Message): boolean {
  const image = content.kind === 'file' && content.attachment?.kind === 'image';
  return kind === 'all' || (kind === 'images') === image;
}

/** [UX-9] All that was attached in a room, the last first, with what the antivirus says of each. */
export function GalleryPanel({ room, onJump, onClose }: Props): ReactElement {
  const { t } = useText();
  const gallery = useMemo(() => room.gallery(), [room]);
  const { items, atStart, loading, failure } = useLive(gallery.state);
  const [kind, setKind] = useState<Kind>('all');
  useEffect(() => void gallery.more(), [gallery]);
  const shown = items.filter((message) => isOf(kind, message));
  return (
    <Panel title={t('gallery.title')} closeLabel={t('app.close')} onClose={onClose}>
      <Select
        label={t('gallery.kind')}
        value={kind}
        onValue={setKind}
        options={KINDS.map((value) => ({ value, label: t(`gallery.${value}`) }))}
      />
      {failure && <FailureNotice failure={failure} />}
      {shown.length === 0 && !loading && <p className="cards__none">{t('gallery.none')}</p>}
      <ul className="cards">
        {shown.map((message) => (
          <MessageCard key={message.id} message={message} files={room.files}>
            <Button
              kind="quiet"
              aria-label={t('pins.goToOne', { name: message.sender.name })}
              onClick={() => onJump(message.id)}
            >
              {t('pins.goTo')}
            </Button>
          </MessageCard>
        ))}
      </ul>
      {loading && <Waiting>{t('gallery.looking')}</Waiting>}
      {!atStart && !loading && <Button onClick={() => void gallery.more()}>{t('gallery.more')}</Button>}
    </Panel>
  );
}
