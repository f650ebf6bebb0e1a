// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import { failureText } from '../../i18n/failure-text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { JoinAllModel, type JoinAllState } from './JoinAllModel.ts';

interface Props {
  rooms: Rooms;
  spaceId: string;
  onClose: () => void;
}

/** What it means, before anything is done. */
function Question({
  model,
  state,
  onClose,
}: {
  model: JoinAllModel;
  state: JoinAllState;
  onClose: () => void;
}) {
  const { t } = useText();
  const { rooms, closed } = state;
  return (
    <>
      {rooms.length > 0 && <p>{t('joinAll.text', { count: rooms.length })}</p>}
      <ul className="space__list">
        {rooms.map(({ id, name, kind }) => (
          <li key={id}>
            {name}
            {kind === 'space' && ` (${t('room.space')})`}
          </li>
        ))}
      </ul>
      {closed > 0 && <p className="rooms__hint">{t('joinAll.closed', { count: closed })}</p>}
      <div className="ui-actions">
        {rooms.length > 0 && (
          <Button kind="primary" onClick={() => void model.join()}>
            {t('joinAll.submit', { count: rooms.length })}
          </Button>
        )}
        <Button onClick={onClose}>{t(rooms.length > 0 ? 'app.cancel' : 'app.close')}</Button>
      </div>
    </>
  );
}

function Progress({ model, state }: { model: JoinAllModel; state: JoinAllState }): ReactElement {
  const { t } = useText();
  const done = state.joined + state.refused.length;
  return (
    <>
      <p>
        <progress aria-label={t('joinAll.progress')} max={state.rooms.length} value={done} />{' '}
        {t('joinAll.done', { done, total: state.rooms.length })}
      </p>
      <div className="ui-actions">
        <Button onClick={() => model.stop()}>{t('joinAll.stop')}</Button>
      </div>
    </>
  );
}

function Result({ state, onClose }: { state: JoinAllState; onClose: () => void }): ReactElement {
  const text = useText();
  const { t } = text;
  const { joined, refused } = state;
  return (
    <>
      <Notice kind={joined > 0 ? 'good' : 'info'} announced>
        {t('joinAll.joined', { count: joined })}
      </Notice>
      {refused.length > 0 && (
        <>
          <p>{t('joinAll.refused', { count: refused.length })}</p>
          <ul className="space__list">
            {refused.map(({ room, failure }) => (
              <li key={room.id}>
                <b>{room.name}</b> – {failureText(text, failure)}
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="ui-actions">
        <Button kind="primary" onClick={onClose}>
          {t('app.close')}
        </Button>
      </div>
    </>
  );
}

/** All the rooms of a space that one may come into, at once. */
export function JoinAll({ rooms, spaceId, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new JoinAllModel(rooms, spaceId), [rooms, spaceId]);
  useEffect(() => {
    void model.look();
    return () => model.stop();
  }, [model]);
  const state = useLive(model.state);
  const { at, failure } = state;
  return (
    <Dialog title={t('joinAll.title')} closeLabel={t('app.close')} onClose={onClose}>
      {failure && (
        <FailureNotice failure={failure}>
          <Button onClick={() => void model.look()}>{t('app.retry')}</Button>
        </FailureNotice>
      )}
      {at === 'looking' && !failure && <Waiting>{t('space.loading')}</Waiting>}
      {at === 'asking' && <Question model={model} state={state} onClose={onClose} />}
      {at === 'joining' && <Progress model={model} state={state} />}
      {at === 'over' && <Result state={state} onClose={onClose} />}
    </Dialog>
  );
}
