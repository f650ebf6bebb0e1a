// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import type { Person } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { ConversationModel } from './ConversationModel.ts';

interface AskProps {
  person: Person;
  onAccept: () => void;
  onClose: () => void;
}

/** What to do to be sure of somebody, by means that this conversation is no part of. */
function HowToVerify({ person, onAccept, onClose }: AskProps): ReactElement {
  const { t } = useText();
  return (
    <Dialog
      title={t('trust.verifyTitle', { name: person.name })}
      closeLabel={t('app.close')}
      onClose={onClose}
    >
      <ol className="compose__steps">
        <li>{t('trust.verifyCall')}</li>
        <li>{t('trust.verifyAsk')}</li>
        <li>{t('trust.verifyDoubt')}</li>
      </ol>
      <div className="ui-actions">
        <Button kind="primary" onClick={onAccept}>
          {t('trust.verified')}
        </Button>
        <Button onClick={onClose}>{t('trust.later')}</Button>
      </div>
    </Dialog>
  );
}

interface Props {
  model: ConversationModel;
  /** It goes away under what was pressed: the focus needs another place. */
  onDone: () => void;
}

/** [UX-24] One calm sign, above what one writes, with what to do about it. */
export function TrustNote({ model, onDone }: Props): ReactElement | null {
  const { t } = useText();
  const [first] = useLive(model.room.changed);
  const [asking, setAsking] = useState(false);
  if (!first) return null;
  const accept = () => {
    setAsking(false);
    requestAnimationFrame(onDone);
    void model.acceptIdentity(first.id);
  };
  return (
    <div className="compose__trust">
      <Icon name="warning" />
      <p role="status">
        <strong>{t('trust.changed', { name: first.name })}</strong> {t('trust.text')}
      </p>
      <div className="ui-actions">
        <Button onClick={() => setAsking(true)}>{t('trust.verify')}</Button>
        <Button kind="quiet" onClick={accept}>
          {t('app.continue')}
        </Button>
      </div>
      {asking && <HowToVerify person={first} onAccept={accept} onClose={() => setAsking(false)} />}
    </div>
  );
}
