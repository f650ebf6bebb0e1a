// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { Icon, type IconName } from './Icon.tsx';

interface Props {
  kind: 'extern' | 'plain';
  icon?: IconName;
  children: string;
}

/** A word that marks somebody or something: told by its text and its drawing, not by colour alone. */
export function Badge({ kind, icon, children }: Props): ReactElement {
  return (
    <span className={`ui-badge ui-badge--${kind} fr-badge fr-badge--sm`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
