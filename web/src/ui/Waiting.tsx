// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';

/** Something is on its way: said in words, with a calm drawing for who sees. */
export function Waiting({ children }: { children: string }): ReactElement {
  return (
    <p className="ui-waiting" role="status">
      <span className="ui-waiting__dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      {children}
    </p>
  );
}
