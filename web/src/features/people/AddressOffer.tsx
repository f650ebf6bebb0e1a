// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Room, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { AddressModel, type AddressState, meaningOf } from './AddressModel.ts';

interface Props {
  rooms: Rooms;
  room: Room;
  address: string;
  /** Asks whether the room is to be opened to externals. */
  onOpenRoom: () => void;
}

function Meaning({ room, state, onOpenRoom }: Omit<Props, 'rooms' | 'address'> & { state: AddressState }) {
  const { t } = useText();
  const { kind } = useLive(room.summary);
  const { open } = useLive(room.governance.rights);
  const { info } = state;
  if (!info) return state.failure ? null : <Waiting>{t('address.asking')}</Waiting>;
  switch (meaningOf(info, kind)) {
    case 'closed':
      return (
        <Notice kind="warning">
          <p>{t('address.closed')}</p>
          {open && (
            <div className="ui-actions">
              <Button onClick={onOpenRoom}>{t('opening.ask')}</Button>
            </div>
          )}
        </Notice>
      );
    case 'forum':
      return <Notice kind="warning">{t('address.forum')}</Notice>;
    case 'external':
      return <Notice kind="warning">{t('address.external')}</Notice>;
    case 'agent':
      return (
        <Notice kind="info">
          {info.organisation
            ? t('address.agent', { organisation: info.organisation })
            : t('address.agentAnywhere')}
        </Notice>
      );
  }
}

/** [UX-8] An address that the directory does not know: what inviting it means, and then the invitation. */
export function AddressOffer({ rooms, room, address, onOpenRoom }: Props): ReactElement {
  const { t } = useText();
  const { kind } = useLive(room.summary);
  const model = useMemo(() => new AddressModel(rooms, room), [rooms, room]);
  const state = useLive(model.state);
  useEffect(() => void model.look(address), [model, address]);
  const may = state.info && ['agent', 'external'].includes(meaningOf(state.info, kind));
  return (
    <section className="people__address" aria-label={t('address.invite', { address: state.address })}>
      <h3>{t('address.invite', { address: state.address })}</h3>
      {state.failure && <FailureNotice failure={state.failure} />}
      {state.sent ? (
        <Notice kind="good" announced>
          {t('address.sent', { address: state.address })}
        </Notice>
      ) : (
        <>
          <Meaning room={room} state={state} onOpenRoom={onOpenRoom} />
          {may && (
            <div className="ui-actions">
              <Button kind="primary" icon="send" busy={state.busy} onClick={() => void model.send()}>
                {t('address.send')}
              </Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}
