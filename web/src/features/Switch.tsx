// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useId, useMemo } from 'react';
import { useLive } from '../ui/useLive.ts';
import { Attempt } from './Attempt.ts';
import { FailureNotice } from './FailureNotice.tsx';

interface Props {
  label: string;
  hint: string;
  on: boolean;
  /** Rejects with why it cannot be done. */
  onChange: (on: boolean) => Promise<void>;
}

/** Something that is on or off; written as soon as it is changed. */
export function Switch({ label, hint, on, onChange }: Props): ReactElement {
  const id = useId();
  const attempt = useMemo(() => new Attempt(), []);
  const { failure } = useLive(attempt.state);
  return (
    <div>
      {failure && <FailureNotice failure={failure} />}
      <label className="ui-check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            const wanted = event.target.checked;
            void attempt.run(() => onChange(wanted));
          }}
          aria-describedby={id}
        />
        {label}
      </label>
      <p className="ui-field__hint fr-hint-text" id={id}>
        {hint}
      </p>
    </div>
  );
}
