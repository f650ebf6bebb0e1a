// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import { Field } from './Field.tsx';

interface Props {
  label: string;
  showLabel: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  autoComplete: 'current-password' | 'new-password';
}

/** A password, and a box that shows it; pasting is allowed. */
export function PasswordField({ showLabel, ...field }: Props): ReactElement {
  const [shown, setShown] = useState(false);
  return (
    <div className="ui-password">
      <Field {...field} type={shown ? 'text' : 'password'} spellCheck={false} autoCapitalize="none" />
      <label className="ui-check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        {showLabel}
      </label>
    </div>
  );
}
