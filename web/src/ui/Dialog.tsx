// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './Button.tsx';

interface Props {
  title: string;
  /** For lists and several columns. */
  wide?: boolean;
  /** Its height does not follow what it holds, and on a phone it is the whole screen. */
  sheet?: boolean;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/** The browser's own modal: it keeps the focus in, closes with Escape, and gives the focus back. */
export function Dialog({ title, wide, sheet, closeLabel, onClose, children }: Props): ReactElement {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    // To what is to be filled in, else to the title: the browser would take the button that closes it.
    const first = dialog?.querySelector<HTMLElement>(
      '.ui-dialog__body :is(input, select, textarea):not([readonly])',
    );
    (first ?? dialog?.querySelector('h2'))?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className="ui-dialog fr-modal"
      data-wide={wide || undefined}
      data-sheet={sheet || undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="ui-dialog__head">
        <h2 id={id} className="fr-modal__title" tabIndex={-1}>
          {title}
        </h2>
        <Button kind="quiet" icon="close" iconOnly onClick={onClose}>
          {closeLabel}
        </Button>
      </header>
      <div className="ui-dialog__body fr-modal__content">{children}</div>
    </dialog>
  );
}
