// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Person } from '../core/rooms.ts';
import { useText } from '../i18n/TextContext.ts';
import { Badge } from '../ui/Badge.tsx';

/** [UX-8] Somebody outside the administration is marked wherever their name stands. */
export function ExternBadge(): ReactElement {
  const { t } = useText();
  return (
    <Badge kind="extern" icon="extern">
      {t('extern.badge')}
    </Badge>
  );
}

interface Props {
  person: Person;
  /** Said in the place of the name: "Vous". */
  name?: string;
  /** Without whose they are, where it has been said. */
  short?: boolean;
}

/** A name, whose they are, and the badge of who comes from outside. */
export function PersonName({ person, name, short }: Props): ReactElement {
  return (
    <>
      <span className="ui-person">{name ?? person.name}</span>
      {person.external && (
        <>
          {' '}
          <ExternBadge />
        </>
      )}
      {person.apart && (
        <>
          {' '}
          <span className="ui-organisation">{person.apart}</span>
        </>
      )}
      {person.organisation && !short && (
        <>
          {' '}
          <span className="ui-organisation">{person.organisation}</span>
        </>
      )}
    </>
  );
}
