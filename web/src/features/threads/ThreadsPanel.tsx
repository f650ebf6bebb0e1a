// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Room } from '../../core/rooms.ts';
import type { ThreadHead } from '../../core/threads.ts';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import './threads.css';

interface Props {
  room: Room;
  onOpen: (rootId: string) => void;
  onClose: () => void;
}

const wordsOf = ({ content }: Message): string =>
  'text' in content ? content.text : content.kind === 'poll' ? content.poll.question : '…';

/** The threads of a room, the liveliest first. */
export function ThreadsPanel({ room, onOpen, onClose }: Props): ReactElement {
  const text = useText();
  const { t } = text;
  const attempt = useMemo(() => new Attempt(), []);
  const { failure } = useLive(attempt.state);
  const [heads, setHeads] = useState<readonly ThreadHead[]>();
  const load = useMemo(
    () => () => void attempt.run(async () => setHeads(await room.threads.list())),
    [attempt, room],
  );
  useEffect(load, [load]);
  return (
    <Panel title={t('room.threads')} closeLabel={t('app.close')} onClose={onClose}>
      {failure && (
        <FailureNotice failure={failure}>
          <Button onClick={load}>{t('app.retry')}</Button>
        </FailureNotice>
      )}
      {!heads && !failure && <Waiting>{t('thread.looking')}</Waiting>}
      {heads?.length === 0 && <p className="threads__none">{t('thread.none')}</p>}
      <ul className="threads">
        {heads?.map(({ root, at }) => (
          <li key={root.id}>
            <button type="button" className="threads__one" onClick={() => onOpen(root.id)}>
              <span className="threads__who">
                {root.sender.name} <time dateTime={new Date(at).toISOString()}>{text.shortDay(at)}</time>
              </span>
              <span className="threads__text">{wordsOf(root)}</span>
              {root.thread && (
                <span className="threads__count">
                  {t('talk.threadOpen', { count: root.thread.count })}
                  {root.thread.unread > 0 && ` · ${t('talk.threadUnread', { count: root.thread.unread })}`}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
