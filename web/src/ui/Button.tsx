// SPDX-License-Identifier: EUPL-1.2
import type { ButtonHTMLAttributes, ReactElement, ReactNode, Ref } from 'react';
import { classes } from './classes.ts';
import { Icon, type IconName } from './Icon.tsx';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  icon?: IconName;
  /** Its name is read, and shown as a hint, but only the icon is drawn. */
  iconOnly?: boolean;
  /** It is at work: said, and not pressed twice; it keeps the focus, which a disabled one would lose. */
  busy?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

const STATE_CLASS = {
  primary: '',
  secondary: 'fr-btn--secondary',
  quiet: 'fr-btn--tertiary-no-outline',
  danger: '',
};

export function Button(props: Props): ReactElement {
  const { kind = 'secondary', icon, iconOnly, busy, children, className, onClick, type, ...rest } = props;
  const name = iconOnly && typeof children === 'string' ? { 'aria-label': children, title: children } : {};
  return (
    <button
      {...name}
      {...rest}
      type={type ?? 'button'}
      aria-disabled={busy || rest['aria-disabled'] || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(
        'ui-btn',
        `ui-btn--${kind}`,
        iconOnly && 'ui-btn--icon',
        'fr-btn',
        STATE_CLASS[kind],
        className,
      )}
    >
      {icon && <Icon name={icon} />}
      {!iconOnly && <span>{children}</span>}
    </button>
  );
}
