// SPDX-License-Identifier: EUPL-1.2
import { type RefObject, useEffect, useState } from 'react';

/** True once it has come near to what is on the screen. */
export function useSeen(of: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !of.current) return undefined;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: '300px' },
    );
    watcher.observe(of.current);
    return () => watcher.disconnect();
  }, [of, seen]);
  return seen;
}
