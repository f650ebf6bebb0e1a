// SPDX-License-Identifier: EUPL-1.2
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Item } from '../../core/timeline.ts';

/** Pixels from an edge that count as being there. */
const NEAR = 120;

interface Scrolling {
  box: RefObject<HTMLElement | null>;
  /** One has gone up, away from the end. */
  far: boolean;
  onScroll: () => void;
  isAtEnd: () => boolean;
  /** Goes to the end and stays there; or lets go of it. */
  stick: (yes: boolean) => void;
}

/** Follows the end while one is there; keeps the place when older rows come above. */
export function useScrolling(items: readonly Item[], atEnd: boolean): Scrolling {
  const box = useRef<HTMLElement>(null);
  const stuck = useRef(true);
  const before = useRef<{ first: string | undefined; height: number }>({ first: undefined, height: 0 });
  const [far, setFar] = useState(false);

  useLayoutEffect(() => {
    const at = box.current;
    if (!at) return;
    const first = items[0]?.id;
    if (stuck.current && atEnd) at.scrollTop = at.scrollHeight;
    else if (first !== before.current.first && at.scrollTop < NEAR)
      at.scrollTop += at.scrollHeight - before.current.height;
    before.current = { first, height: at.scrollHeight };
  }, [items, atEnd]);

  // A picture that comes, and files that are chosen below, do not push the end out of sight. Anew
  // each time: what is in the box may be another element.
  useEffect(() => {
    const at = box.current;
    if (!at || !atEnd) return undefined;
    const watcher = new ResizeObserver(() => {
      if (stuck.current) at.scrollTop = at.scrollHeight;
    });
    for (const one of [at, ...at.children]) watcher.observe(one);
    return () => watcher.disconnect();
  });

  const onScroll = useCallback(() => {
    const at = box.current;
    if (!at) return;
    stuck.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
    setFar(!stuck.current);
  }, []);
  const isAtEnd = useCallback(() => stuck.current, []);
  const stick = useCallback((yes: boolean) => {
    stuck.current = yes;
    const at = box.current;
    if (yes && at) at.scrollTop = at.scrollHeight;
  }, []);
  return { box, far, onScroll, isAtEnd, stick };
}
