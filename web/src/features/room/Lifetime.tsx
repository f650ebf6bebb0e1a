// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Retention } from '../../core/governance.ts';
import type { Room } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { choicesOf, DAY, inForce } from './lifetime.ts';

/** What the server lets its rooms say; undefined: nothing is erased there, or it is not known yet. */
function useRetention(room: Room): Retention | undefined {
  const [retention, setRetention] = useState<Retention>();
  useEffect(() => {
    let gone = false;
    room.governance.retention().then(
      (found) => gone || setRetention(found),
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [room]);
  return retention;
}

interface Props {
  room: Room;
  retention: Retention;
}

function Choice({ room, retention }: Props): ReactElement {
  const { t } = useText();
  const said = useLive(room.governance.kept);
  const now = inForce(said, retention);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, done, failure } = useLive(attempt.state);
  const [chosen, setChosen] = useState<string>();
  const choices = choicesOf(now, retention);
  const wanted = choices.find((choice) => String(choice) === chosen) ?? now;
  const keep = async () => {
    if (await attempt.run(() => room.governance.keepFor(wanted))) setChosen(undefined);
  };
  const shorter = wanted !== 'forever' && (now === 'forever' || wanted < now);
  return (
    <>
      {failure && <FailureNotice failure={failure} />}
      <Select
        label={t('lifetime.label')}
        value={String(wanted)}
        options={choices.map((choice) => ({
          value: String(choice),
          label: choice === 'forever' ? t('lifetime.always') : t('lifetime.days', { count: choice / DAY }),
        }))}
        onValue={setChosen}
      />
      {shorter && <Notice kind="warning">{t('lifetime.warning')}</Notice>}
      {wanted !== now && (
        <div className="ui-actions">
          <Button kind={shorter ? 'danger' : 'primary'} busy={busy} onClick={() => void keep()}>
            {t('lifetime.save')}
          </Button>
        </div>
      )}
      <p className="ui-hidden" role="status">
        {done && wanted === now && t('info.saved')}
      </p>
    </>
  );
}

/** How long messages are kept, where the server erases old ones at all. */
export function Lifetime({ room }: { room: Room }): ReactElement | null {
  const { t } = useText();
  const retention = useRetention(room);
  const said = useLive(room.governance.kept);
  const { retain } = useLive(room.governance.rights);
  if (!retention) return null;
  const now = inForce(said, retention);
  return (
    <section className="room__part">
      <h4>{t('lifetime.title')}</h4>
      <p>
        {now === 'forever' ? t('lifetime.forever') : t('lifetime.after', { count: Math.ceil(now / DAY) })}
      </p>
      {retain && <Choice room={room} retention={retention} />}
    </section>
  );
}
