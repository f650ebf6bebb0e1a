// SPDX-License-Identifier: EUPL-1.2
// Signing out wipes all that this device keeps: what is nowhere else is saved first, or its loss accepted in
// words.
import { type ReactElement, useState } from 'react';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useLive } from '../../ui/useLive.ts';
import { filesUnderWay } from '../files/AttachModel.ts';
import { CodeWays } from './CodeWays.tsx';

/** What would be lost. */
export interface Unsaved {
  /** The recovery code, while it is not in safe hands. */
  readonly code: string | undefined;
  /** Messages and files that have not arrived. */
  readonly unsent: number;
}

interface Props {
  label: string;
  userId: string;
  unsaved: () => Unsaved;
  /** The code is in safe hands. */
  onSaved: () => Promise<void>;
  onSignOut: () => void;
}

export function SignOut({ label, userId, unsaved, onSaved, onSignOut }: Props): ReactElement {
  const { t } = useText();
  const [asked, setAsked] = useState<Unsaved>();
  const start = () => {
    const now = unsaved();
    if (now.code || now.unsent > 0) setAsked(now);
    else onSignOut();
  };
  const saved = async () => {
    await onSaved();
    if (asked && asked.unsent > 0) setAsked({ ...asked, code: undefined });
    else onSignOut();
  };
  return (
    <>
      <Button icon="signOut" onClick={start}>
        {label}
      </Button>
      {asked && (
        <Dialog title={t('leaving.title')} closeLabel={t('app.close')} onClose={() => setAsked(undefined)}>
          {asked.code && (
            <>
              <p>{t('leaving.code')}</p>
              <CodeWays code={asked.code} userId={userId} />
            </>
          )}
          {asked.unsent > 0 && <p>{t('leaving.unsent', { count: asked.unsent })}</p>}
          <div className="ui-actions">
            {asked.code && (
              <Button kind="primary" icon="check" onClick={() => void saved()}>
                {t('leaving.saved')}
              </Button>
            )}
            <Button kind="danger" onClick={onSignOut}>
              {t(asked.code ? 'leaving.loseCode' : 'leaving.loseUnsent')}
            </Button>
            <Button kind="quiet" onClick={() => setAsked(undefined)}>
              {t('app.cancel')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

export function unsavedOf(session: Session): Unsaved {
  const safety = session.safety.state.get();
  return {
    code: safety.at === 'ready' ? safety.code : undefined,
    unsent: session.rooms.unsent.get() + filesUnderWay(),
  };
}

export function SessionSignOut({
  session,
  onSignOut,
}: {
  session: Session;
  onSignOut: () => void;
}): ReactElement {
  const { t } = useText();
  const { userId } = useLive(session.me);
  return (
    <SignOut
      label={t('nav.signOut')}
      userId={userId}
      unsaved={() => unsavedOf(session)}
      onSaved={() => session.safety.noteSaved()}
      onSignOut={onSignOut}
    />
  );
}
