// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './Button.tsx';
import type { IconName } from './Icon.tsx';

interface Props {
  title: string;
  closeLabel: string;
  onClose: () => void;
  /** A way back to what was there before. */
  back?: { label: string; icon?: IconName; run: () => void };
  /** Its content fills it and scrolls by itself. */
  wide?: boolean;
  children: ReactNode;
}

/** Something more of what is on the screen, at its side; over it where there is no room. Escape closes it. */
export function Panel({ title, closeLabel, onClose, back, wide, children }: Props): ReactElement {
  const id = useId();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape, beside the button
    <aside
      className="ui-panel"
      data-zone
      data-wide={wide || undefined}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header className="ui-panel__head">
        {back && (
          <Button kind="quiet" icon={back.icon ?? 'back'} iconOnly onClick={back.run}>
            {back.label}
          </Button>
        )}
        <h2 id={id} ref={head} tabIndex={-1}>
          {title}
        </h2>
        <Button kind="quiet" icon="close" iconOnly onClick={onClose}>
          {closeLabel}
        </Button>
      </header>
      <div className="ui-panel__body">{children}</div>
    </aside>
  );
}
