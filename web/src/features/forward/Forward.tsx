// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Rooms, RoomSummary } from '../../core/rooms.ts';
import type { Message } from '../../core/timeline.ts';
import { fold } from '../../core/fold.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import './forward.css';

interface Props {
  rooms: Rooms;
  message: Message;
  onClose: () => void;
}

const SHOWN = 30;

/** Rooms one is in whose name has these words, the most recent first. */
export function targetsOf(list: readonly RoomSummary[], filter: string): readonly RoomSummary[] {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  return list
    .filter(
      (room) =>
        room.membership === 'join' &&
        room.kind !== 'space' &&
        words.every((word) => fold(room.name).includes(word)),
    )
    .slice(0, SHOWN);
}

/** A message into another conversation; whether externals read there stands beside its name. */
export function Forward({ rooms, message, onClose }: Props): ReactElement {
  const { t } = useText();
  const list = useLive(rooms.list);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const [filter, setFilter] = useState('');
  const [sent, setSent] = useState<RoomSummary>();
  const [part, setPart] = useState(0);
  const stop = useMemo(() => new AbortController(), []);
  useEffect(() => () => stop.abort(), [stop]);
  const { content } = message;
  const file = content.kind === 'file' ? content.attachment : undefined;
  const forward = async (room: RoomSummary) => {
    if ('text' in content) await rooms.forward(room.id, content);
    if (file) await rooms.forwardFile(room.id, file, { onProgress: setPart, signal: stop.signal });
  };
  const send = async (room: RoomSummary) => {
    setSent(undefined);
    setPart(0);
    if (await attempt.run(() => forward(room))) setSent(room);
  };
  return (
    <Dialog title={t('forward.title')} closeLabel={t('app.close')} onClose={onClose}>
      <blockquote className="forward__text">{'text' in content ? content.text : file?.name}</blockquote>
      {failure && <FailureNotice failure={failure} />}
      <p role="status" className="ui-said">
        {sent && t('forward.sent', { room: sent.name })}
      </p>
      {busy && file && (
        <p>
          <progress aria-label={t('attach.progress', { name: file.name })} value={part} />{' '}
          {t('attach.percent', { percent: Math.round(part * 100) })}
        </p>
      )}
      <Field
        label={t('forward.search')}
        type="search"
        autoComplete="off"
        value={filter}
        onValue={setFilter}
      />
      <ul className="ui-found">
        {targetsOf(list, filter).map((room) => (
          <li key={room.id} className="ui-found__row">
            <RoomPicture small room={room} />
            <div className="ui-found__name">
              <p>{room.name}</p>
              <RoomMark room={room} />
            </div>
            <Button
              aria-label={t('forward.sendOne', { room: room.name })}
              busy={busy}
              onClick={() => void send(room)}
            >
              {t('forward.send')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
