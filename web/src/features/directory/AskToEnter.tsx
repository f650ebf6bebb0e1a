// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, type ReactNode, useMemo, useState } from 'react';
import type { ListedRoom, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';

interface Props {
  rooms: Rooms;
  room: ListedRoom;
  children: ReactNode;
}

/** Before a private room: one asks to be let in where its rule allows it, or is told whom to ask. */
export function AskToEnter({ rooms, room, children }: Props): ReactElement {
  const { t } = useText();
  const [entry, setEntry] = useState(room.entry);
  const [reason, setReason] = useState('');
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await rooms.ask(room.id, reason.trim());
      setEntry('asked');
    });
  };
  const withdraw = () =>
    void attempt.run(async () => {
      await rooms.withdraw(room.id);
      setEntry('ask');
    });
  if (entry === 'closed')
    return (
      <>
        <p>{t('room.goneAsk')}</p>
        <div className="ui-actions">{children}</div>
      </>
    );
  if (entry === 'asked')
    return (
      <>
        <Notice kind="info" announced>
          {t('ask.asked')}
        </Notice>
        {failure && <FailureNotice failure={failure} />}
        <div className="ui-actions">
          <Button busy={busy} onClick={withdraw}>
            {t('ask.withdraw')}
          </Button>
        </div>
      </>
    );
  return (
    <form className="ui-form" noValidate onSubmit={ask}>
      <p>{t('ask.text')}</p>
      {failure && <FailureNotice failure={failure} />}
      <Field
        label={t('ask.reason')}
        hint={t('ask.reasonHint')}
        value={reason}
        onValue={setReason}
        maxLength={300}
        autoComplete="off"
      />
      <div className="ui-actions">
        <Button type="submit" kind="primary" busy={busy}>
          {t('ask.submit')}
        </Button>
        {children}
      </div>
    </form>
  );
}
