// SPDX-License-Identifier: EUPL-1.2
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react';
import { classes } from './classes.ts';
import { Icon, type IconName } from './Icon.tsx';

export interface MenuItem {
  label: string;
  /** Drawn alone, beside others like it; the label is its name. */
  symbol?: string;
  icon?: IconName;
  danger?: boolean;
  run: () => void;
}

interface Props {
  label: string;
  icon: IconName;
  /** In words and as wide as its place: the one thing to do there. Else the icon alone is drawn. */
  worded?: boolean;
  items: readonly MenuItem[];
}

interface Place {
  readonly up: boolean;
  /** Dots from the button to the edge of what it scrolls in. */
  readonly height: number;
}

/** It is never less than so many dots. */
const LEAST = 160;

/** What an element scrolls in; the window where that is nothing. */
function edgesOf(element: Element): { top: number; bottom: number } {
  for (let at = element.parentElement; at; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at.getBoundingClientRect();
  return { top: 0, bottom: window.innerHeight };
}

/** Under the button, or above it where there is more room. */
function placeOf(menu: Element, button: Element): Place {
  const { top, bottom } = button.getBoundingClientRect();
  const edges = edgesOf(menu);
  const below = Math.min(edges.bottom, window.innerHeight) - bottom;
  const above = top - Math.max(edges.top, 0);
  const up = menu.scrollHeight > below && above > below;
  return { up, height: Math.max(LEAST, (up ? above : below) - 8) };
}

/** A button and its menu, moved in with the arrows ("Menu Button" of the ARIA practices). */
export function Menu({ label, icon, worded, items }: Props): ReactElement {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState<Place>();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return undefined;
    const menu = list.current;
    if (menu && button.current) setPlace(placeOf(menu, button.current));
    menu?.querySelector('button')?.focus();
    const close = (event: Event) => {
      if (event.target instanceof Node && !menu?.parentElement?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [open]);

  const leave = () => {
    setOpen(false);
    button.current?.focus();
  };
  const move = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: all.length - 1,
    };
    const next = steps[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') leave();
    else if (next !== undefined) all[(next + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="ui-menu" data-worded={worded || undefined}>
      <button
        ref={button}
        type="button"
        className={classes(
          'ui-btn fr-btn',
          worded ? 'ui-btn--primary' : 'ui-btn--quiet ui-btn--icon fr-btn--tertiary-no-outline',
        )}
        aria-label={worded ? undefined : label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {worded && <span>{label}</span>}
      </button>
      {open && (
        <div
          ref={list}
          className="ui-menu__list"
          id={id}
          role="menu"
          tabIndex={-1}
          data-up={place?.up || undefined}
          style={{ maxHeight: place?.height }}
          onKeyDown={move}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.symbol ? 'ui-menu__symbol' : 'ui-menu__item'}
              data-danger={item.danger || undefined}
              aria-label={item.symbol ? item.label : undefined}
              onClick={() => {
                leave();
                item.run();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.symbol ?? item.label}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
