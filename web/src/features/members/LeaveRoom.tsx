// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Room } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { UndoModel } from '../undo/UndoModel.ts';
import { LeaveModel } from './LeaveModel.ts';

interface Props {
  room: Room;
  me: string;
  undo: UndoModel;
  onLeft: () => void;
  onClose: () => void;
}

export function LeaveRoom({ room, me, undo, onLeft, onClose }: Props): ReactElement {
  const { t } = useText();
  const { name, kind } = useLive(room.summary);
  const model = useMemo(() => new LeaveModel(room, me, undo), [room, me, undo]);
  const { lastAdmin, candidates, successor } = useLive(model.state);
  const leave = () => {
    model.leave();
    onLeft();
  };
  return (
    <Dialog title={t('room.leaveTitle', { room: name })} closeLabel={t('app.close')} onClose={onClose}>
      <p>{t(kind === 'public' ? 'room.leavePublicText' : 'room.leaveText')}</p>
      {lastAdmin && (
        <Notice kind="warning">
          {t(candidates.length > 0 ? 'room.leaveLastAdmin' : 'room.leaveNoSuccessor')}
        </Notice>
      )}
      {lastAdmin && candidates.length > 0 && (
        <Select
          label={t('room.successor')}
          value={successor ?? ''}
          options={[
            { value: '', label: t('room.successorAny') },
            ...candidates.map((member) => ({ value: member.id, label: member.name })),
          ]}
          onValue={(value) => model.choose(value || undefined)}
        />
      )}
      <div className="ui-actions">
        <Button kind="danger" onClick={leave}>
          {t('room.leave')}
        </Button>
        <Button onClick={onClose}>{t('app.cancel')}</Button>
      </div>
    </Dialog>
  );
}
