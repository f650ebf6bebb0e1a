// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';

interface Props {
  kind: 'info' | 'good' | 'warning' | 'error';
  title?: string;
  /** Read out as it appears: at once for errors, when there is a pause for the rest. */
  announced?: boolean;
  children?: ReactNode;
}

export function Notice({ kind, title, announced, children }: Props): ReactElement {
  const role = announced ? (kind === 'error' ? 'alert' : 'status') : undefined;
  return (
    <div className={`ui-notice ui-notice--${kind} fr-alert fr-alert--${kind}`} role={role}>
      {title && <p className="ui-notice__title fr-alert__title">{title}</p>}
      {children}
    </div>
  );
}
