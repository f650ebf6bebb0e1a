// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { ConversationModel } from './ConversationModel.ts';

/** [UX-24] One calm sign, above what one writes, with what to do about it. */
export function TrustNote({ model }: { model: ConversationModel }): ReactElement | null {
  const { t } = useText();
  const [first] = useLive(model.room.changed);
  if (!first) return null;
  return (
    <div className="compose__trust" role="status">
      <p>
        <strong>{t('trust.changed', { name: first.name })}</strong> {t('trust.text')}
      </p>
      <Button onClick={() => void model.acceptIdentity(first.id)}>{t('trust.accept')}</Button>
    </div>
  );
}
