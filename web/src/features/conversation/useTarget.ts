// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useRef } from 'react';
import { useLive, useLivePart } from '../../ui/useLive.ts';
import type { ConversationModel } from './ConversationModel.ts';

export const rowOf = (model: ConversationModel, id: string): HTMLElement | null =>
  document.getElementById(`${model.inThread ? 't' : 'm'}-${id}`);

/** In the middle of what is seen, and marked for a moment. False: it is not there. */
export function showRow(model: ConversationModel, id: string): boolean {
  const row = rowOf(model, id);
  row?.scrollIntoView({ block: 'center' });
  row?.setAttribute('data-shown', '');
  row?.addEventListener('animationend', () => row.removeAttribute('data-shown'), { once: true });
  return row !== null;
}

/** Shows what the conversation was opened at, once it is there: its words may be on their way when its
 * place has come. `stick`: lets go of the end, or the next message would take it away again. */
export function useTarget(model: ConversationModel, stick: (yes: boolean) => void): void {
  const target = useLivePart(model.state, (state) => state.target);
  const { loading, items } = useLive(model.timeline.state);
  const shown = useRef<object>(undefined);
  useEffect(() => {
    if (loading !== 'no' || !target || shown.current === target) return undefined;
    if (!items.some(({ id }) => id === target.id)) return undefined;
    const asked = requestAnimationFrame(() => {
      // Not before: what the browser has scrolled to the end is told at the beginning of a frame.
      stick(false);
      if (showRow(model, target.id)) shown.current = target;
    });
    return () => cancelAnimationFrame(asked);
  }, [model, target, loading, items, stick]);
}
