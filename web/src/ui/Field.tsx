// SPDX-License-Identifier: EUPL-1.2
import { type InputHTMLAttributes, type ReactElement, type Ref, useId } from 'react';
import { classes } from './classes.ts';

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

export function Field({ label, value, onValue, hint, error, className, ref, ...rest }: Props): ReactElement {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={classes('ui-field', error && 'ui-field--error', 'fr-input-group', className)}>
      <label className="ui-field__label fr-label" htmlFor={id}>
        {label}
      </label>
      {hint && (
        <p className="ui-field__hint fr-hint-text" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        {...rest}
        ref={ref}
        id={id}
        className="ui-input fr-input"
        value={value}
        onChange={(event) => onValue(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
      />
      {error && (
        <p className="ui-field__error fr-error-text" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
