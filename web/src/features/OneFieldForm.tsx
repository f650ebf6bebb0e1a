// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, type ReactNode, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { useLive } from '../ui/useLive.ts';
import type { Attempt } from './Attempt.ts';
import { FailureNotice } from './FailureNotice.tsx';

interface Props {
  attempt: Attempt;
  label: string;
  /** What is said of an empty field. */
  missing: string;
  submit: string;
  danger?: boolean;
  initial?: string;
  maxLength: number;
  autoComplete?: string;
  className?: string;
  /** Given what was typed, without blanks around it. */
  onSubmit: (text: string) => Promise<unknown>;
  children?: ReactNode;
  /** More to press. */
  more?: ReactNode;
}

/** A few words that are asked for and sent. */
export function OneFieldForm(props: Props): ReactElement {
  const { attempt, label, missing, submit, danger, maxLength, onSubmit, children, more } = props;
  const { busy, failure } = useLive(attempt.state);
  const [text, setText] = useState(props.initial ?? '');
  const [empty, setEmpty] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    setEmpty(!words);
    if (words) void attempt.run(() => onSubmit(words));
  };
  return (
    <form className={props.className ?? 'ui-form'} noValidate onSubmit={send}>
      {children}
      {failure && <FailureNotice failure={failure} />}
      <Field
        label={label}
        value={text}
        onValue={setText}
        error={empty ? missing : undefined}
        maxLength={maxLength}
        autoComplete={props.autoComplete ?? 'off'}
      />
      <div className="ui-actions">
        <Button type="submit" kind={danger ? 'danger' : 'secondary'} busy={busy}>
          {submit}
        </Button>
        {more}
      </div>
    </form>
  );
}
