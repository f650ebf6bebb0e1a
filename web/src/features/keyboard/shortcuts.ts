// SPDX-License-Identifier: EUPL-1.2
// [UX-16] Keys that act anywhere. Each can be switched off: some of them may belong to a reader's own tools
// (WCAG 2.1.4).

export const SHORTCUTS = ['search', 'zones', 'help'] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

/** As they are written; the browser's names of keys. */
export const KEYS: Record<Shortcut, string> = { search: 'Ctrl + K', zones: 'F6', help: '?' };

interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** It is being typed into a field. */
  readonly typing: boolean;
}

/** What a key asks for, when that is not switched off. */
export function shortcutOf(press: Press, off: readonly Shortcut[]): Shortcut | undefined {
  const { key, ctrlKey, metaKey, altKey, typing } = press;
  const plain = !ctrlKey && !metaKey && !altKey;
  const found: Shortcut | undefined =
    key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey
      ? 'search'
      : key === 'F6' && plain
        ? 'zones'
        : key === '?' && plain && !typing
          ? 'help'
          : undefined;
  return found && !off.includes(found) ? found : undefined;
}

const FOCUSABLE = 'a[href], button:not([disabled]), input, textarea, select, [tabindex="0"]';

/** To the next part of the screen, or the one before: to where one types in it, else to what comes first. */
export function moveZone(root: ParentNode, back: boolean): void {
  const zones = [...root.querySelectorAll<HTMLElement>('[data-zone]')].filter(
    (zone) => zone.getClientRects().length > 0,
  );
  if (zones.length === 0) return;
  const at = zones.findIndex((zone) => zone.contains(document.activeElement));
  const next = zones[(at + (back ? (at < 0 ? 0 : -1) : 1) + zones.length) % zones.length];
  const target = next?.matches(FOCUSABLE)
    ? next
    : (next?.querySelector<HTMLElement>('textarea') ?? next?.querySelector<HTMLElement>(FOCUSABLE));
  target?.focus();
}
