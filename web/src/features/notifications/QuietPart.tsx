// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Personal } from '../../core/personal.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { Switch } from '../Switch.tsx';

const two = (value: number): string => String(value).padStart(2, '0');
/** As a field of hours has them. */
const hourOf = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** Undefined while it is being typed. */
function minuteOf(hour: string): number | undefined {
  const found = /^(\d\d):(\d\d)$/.exec(hour);
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
}

/** When one is left in peace, on all one's devices. */
export function QuietPart({ personal }: { personal: Personal }): ReactElement {
  const { t } = useText();
  const { quiet } = useLive(personal.state);
  const attempt = useMemo(() => new Attempt(), []);
  const { failure } = useLive(attempt.state);
  const set = (key: 'from' | 'until') => (hour: string) => {
    const minute = minuteOf(hour);
    if (minute !== undefined) void attempt.run(() => personal.setQuiet({ ...quiet, [key]: minute }));
  };
  return (
    <div>
      <Switch
        label={t('quiet.on')}
        hint={t('quiet.text')}
        on={quiet.on}
        onChange={(on) => personal.setQuiet({ ...quiet, on })}
      />
      {quiet.on && (
        <fieldset className="notify__quiet">
          <legend className="ui-hidden">{t('quiet.on')}</legend>
          {failure && <FailureNotice failure={failure} />}
          <Field label={t('quiet.from')} type="time" value={hourOf(quiet.from)} onValue={set('from')} />
          <Field label={t('quiet.until')} type="time" value={hourOf(quiet.until)} onValue={set('until')} />
          <label className="ui-check">
            <input
              type="checkbox"
              checked={quiet.weekend}
              onChange={(event) => {
                const weekend = event.target.checked;
                void attempt.run(() => personal.setQuiet({ ...quiet, weekend }));
              }}
            />
            {t('quiet.weekend')}
          </label>
        </fieldset>
      )}
    </div>
  );
}
