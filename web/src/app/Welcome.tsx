// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Session } from '../core/session.ts';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { useLive } from '../ui/useLive.ts';
import type { Door } from './Doors.tsx';
import { Semaphore } from './Semaphore.tsx';
import { Steps } from './Steps.tsx';

interface Props {
  session: Session;
  onDoor: (door: Door) => void;
}

/** [UX-25] The first steps, until they are put away, on all devices and for good. */
function FirstSteps({ session, onDoor }: Props): ReactElement {
  const { t } = useText();
  return (
    <>
      <Steps onDoor={onDoor} />
      <p>
        <Button
          kind="quiet"
          className="house__dismiss"
          onClick={() => void session.personal.dismissWelcome()}
        >
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
