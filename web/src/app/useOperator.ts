// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useState } from 'react';
import type { Entry } from '../core/entry.ts';

/** Who runs the service, once it is known and while it is wanted; nothing is said of what is not. */
export function useOperator(entry: Entry, wanted: boolean): string | undefined {
  const [operator, setOperator] = useState<string>();
  useEffect(() => {
    if (wanted) entry.operator().then(setOperator, () => {});
  }, [entry, wanted]);
  return operator;
}
