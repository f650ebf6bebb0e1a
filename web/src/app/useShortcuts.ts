// SPDX-License-Identifier: EUPL-1.2
import { useEffect } from 'react';
import { moveZone, type Shortcut, shortcutOf } from '../features/keyboard/shortcuts.ts';

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** [UX-16] Listens while one is in. In a window that is open over the page only its own keys act. */
export function useShortcuts(
  off: readonly Shortcut[],
  onAsk: (what: Exclude<Shortcut, 'zones'>) => void,
): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
      const shortcut = shortcutOf(
        {
          key: event.key,
          ctrlKey: event.ctrlKey,
          metaKey: event.metaKey,
          altKey: event.altKey,
          typing: isField(event.target),
        },
        off,
      );
      if (!shortcut) return;
      event.preventDefault();
      if (shortcut === 'zones') moveZone(document, event.shiftKey);
      else onAsk(shortcut);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [off, onAsk]);
}
