// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive, useLivePart } from '../../ui/useLive.ts';
import type { ConversationModel } from './ConversationModel.ts';

interface Props {
  model: ConversationModel;
  onInvite: () => void;
}

/** [UX-7] Of a room where nothing was said yet: what comes first there. */
export function Beginning({ model, onInvite }: Props): ReactElement | null {
  const { t } = useText();
  const kind = useLivePart(model.room.summary, (room) => room.kind);
  const { invite } = useLive(model.room.governance.rights);
  const unsaid = useLivePart(
    model.timeline.state,
    ({ items, atStart, loading }) =>
      atStart && loading === 'no' && items.every((item) => item.type === 'change'),
  );
  if (!unsaid || !invite || kind === 'direct') return null;
  return (
    <div className="conversation__beginning">
      <Button kind="primary" icon="people" onClick={onInvite}>
        {t('room.inviteFirst')}
      </Button>
    </div>
  );
}
