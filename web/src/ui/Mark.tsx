// SPDX-License-Identifier: EUPL-1.2
// The mark: the arms of the optical telegraph of Claude Chappe.
import type { ReactElement } from 'react';

export function Mark(): ReactElement {
  return (
    <svg className="ui-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" className="ui-mark__ground" />
      <g className="ui-mark__arms">
        <path d="M16 27V15" strokeWidth="2.5" opacity=".65" />
        <path d="M9 15h14" strokeWidth="3.5" />
        <path d="M9 15 5.500 8.500M23 15l3.500-6.500" strokeWidth="3" />
      </g>
    </svg>
  );
}
