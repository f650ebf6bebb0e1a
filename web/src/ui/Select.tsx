// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useId } from 'react';
import { Icon } from './Icon.tsx';

interface Props<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onValue: (value: T) => void;
}

export function Select<T extends string>({ label, options, value, onValue }: Props<T>): ReactElement {
  const id = useId();
  return (
    <div className="ui-select fr-select-group">
      <label className="ui-select__label fr-label" htmlFor={id}>
        {label}
      </label>
      <span className="ui-select__frame">
        <select
          id={id}
          className="ui-select__box fr-select"
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen) onValue(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="chevron" />
      </span>
    </div>
  );
}
