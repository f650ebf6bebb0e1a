// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';

/** Decoration of an empty place: one tower of the telegraph on its hill. */
export function Semaphore(): ReactElement {
  return (
    <svg className="house__tower" viewBox="0 0 120 96" aria-hidden="true" focusable="false">
      <path d="M8 88c24-14 80-14 104 0" />
      <path d="M52 82l4-46h8l4 46" />
      <path d="M60 36V16" />
      <g strokeWidth="4">
        <path d="M36 22h48" />
        <path d="M36 22l-8-14M84 22l14-8" />
      </g>
    </svg>
  );
}
