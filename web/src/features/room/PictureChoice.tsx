// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo, useRef } from 'react';
import type { Room } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { RoomPicture } from '../RoomPicture.tsx';

/** What a room is recognised by; its middle is kept, as a small square. */
export function PictureChoice({ room }: { room: Room }): ReactElement {
  const { t } = useText();
  const summary = useLive(room.summary);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, done, failure } = useLive(attempt.state);
  const input = useRef<HTMLInputElement>(null);
  const set = (file: Blob | undefined) =>
    void attempt.run(async () => room.governance.setPicture(file && (await room.files.publish(file))));
  return (
    <section className="room__part">
      <h4>{t('picture.title')}</h4>
      <div className="room__picture">
        <RoomPicture large room={summary} />
        <p className="rooms__hint">{t('picture.text')}</p>
      </div>
      {failure?.code === 'UNREADABLE_FILE' ? (
        <Notice kind="error" announced>
          {t('picture.unreadable')}
        </Notice>
      ) : (
        failure && <FailureNotice failure={failure} />
      )}
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label={t('picture.choose')}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) set(file);
        }}
      />
      <div className="ui-actions">
        <Button icon="camera" busy={busy} onClick={() => input.current?.click()}>
          {t('picture.choose')}
        </Button>
        {summary.picture && (
          <Button kind="quiet" busy={busy} onClick={() => set(undefined)}>
            {t('picture.remove')}
          </Button>
        )}
      </div>
      <p className="ui-hidden" role="status">
        {done && t('picture.done')}
      </p>
    </section>
  );
}
