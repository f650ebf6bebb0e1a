// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useId } from 'react';
import { classes } from './classes.ts';
import { Icon, type IconName } from './Icon.tsx';

export interface ChoiceOption<T extends string> {
  value: T;
  label: string;
  hint?: string;
  /** What choosing it cannot be taken back from: more than a hint. */
  forever?: string;
  icon?: IconName;
}

interface Props<T extends string> {
  legend: string;
  options: readonly ChoiceOption<T>[];
  value: T;
  onValue: (value: T) => void;
}

/** One of a few: radio buttons, each a whole line to press. */
export function Choice<T extends string>({ legend, options, value, onValue }: Props<T>): ReactElement {
  const id = useId();
  return (
    <fieldset className="ui-choice fr-fieldset">
      <legend className="ui-choice__legend fr-fieldset__legend">{legend}</legend>
      {options.map((option) => (
        <div className="ui-choice__option fr-radio-group" key={option.value}>
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={id}
            value={option.value}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
            aria-describedby={
              classes(
                option.hint && `${id}-${option.value}-hint`,
                option.forever && `${id}-${option.value}-forever`,
              ) || undefined
            }
          />
          <label className="fr-label" htmlFor={`${id}-${option.value}`}>
            {option.icon && <Icon name={option.icon} />}
            {option.label}
          </label>
          {option.hint && (
            <p className="ui-choice__hint fr-hint-text" id={`${id}-${option.value}-hint`}>
              {option.hint}
            </p>
          )}
          {option.forever && (
            <p className="ui-choice__forever" id={`${id}-${option.value}-forever`}>
              <Icon name="warning" />
              {option.forever}
            </p>
          )}
        </div>
      ))}
    </fieldset>
  );
}
