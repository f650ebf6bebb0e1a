// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './Button.tsx';

interface Props {
  title: string;
  closeLabel: string;
  onClose: () => void;
  /** Under the title. */
  note?: ReactNode;
  /** Its content fills it and scrolls by itself. Where there is no room beside it, it is alone on the screen, and
   * this is the name of the way back. */
  wide?: { back: string };
  children: ReactNode;
}

/** Something more of what is on the screen, at its side; over it where there is no room. Escape closes it. */
export function Panel({ title, closeLabel, onClose, note, wide, children }: Props): ReactElement {
  const id = useId();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape, beside the button
    <aside
      className="ui-panel"
      data-zone
      data-wide={wide ? true : undefined}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header className="ui-panel__head">
        {wide && (
          <Button className="ui-panel__back" kind="quiet" icon="back" iconOnly onClick={onClose}>
            {wide.back}
          </Button>
        )}
        <div className="ui-panel__title">
          <h2 id={id} ref={head} tabIndex={-1}>
            {title}
          </h2>
          {note}
        </div>
        <Button className="ui-panel__cross" kind="quiet" icon="close" iconOnly onClick={onClose}>
          {closeLabel}
        </Button>
      </header>
      <div className="ui-panel__body">{children}</div>
    </aside>
  );
}
