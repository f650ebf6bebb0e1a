// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { useLive } from '../ui/useLive.ts';
import type { Door } from './Doors.tsx';
import { Semaphore } from './Semaphore.tsx';

interface Props {
  session: Session;
  onDoor: (door: Door) => void;
}

const CARDS = [
  ['people', 'edit'],
  ['create', 'plus'],
  ['directory', 'forum'],
] as const satisfies [Door, IconName][];

/** [UX-25] The first minute: three cards, until they are put away, on all devices and for good. */
function FirstSteps({ session, onDoor }: Props): ReactElement {
  const { t } = useText();
  return (
    <>
      <ul className="house__cards">
        {CARDS.map(([door, icon]) => (
          <li key={door}>
            <button type="button" className="house__card" onClick={() => onDoor(door)}>
              <Icon name={icon} />
              <span className="house__card-title">{t(`welcome.${door}`)}</span>
              <span className="house__card-text">{t(`welcome.${door}Text`)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p>
        <Button kind="quiet" onClick={() => void session.personal.dismissWelcome()}>
          {t('welcome.dismiss')}
        </Button>
      </p>
    </>
  );
}

/** Where no conversation is open. */
export function Welcome({ session, onDoor }: Props): ReactElement {
  const { t } = useText();
  const { external, known } = useLive(session.me);
  const { welcome } = useLive(session.personal.state);
  const first = known && !external && welcome;
  return (
    <section className="house__welcome">
      <Semaphore />
      <h1>{t(external || first ? 'extern.welcome' : 'rooms.choose')}</h1>
      <p>{t(external ? 'extern.welcomeText' : first ? 'welcome.text' : 'rooms.chooseText')}</p>
      {first && <FirstSteps session={session} onDoor={onDoor} />}
    </section>
  );
}
