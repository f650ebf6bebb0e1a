// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo, useState } from 'react';
import { looksLikeAddress } from '../../core/identity.ts';
import type { Person, Room, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { PersonName } from '../PersonName.tsx';
import { OpenToExternals } from '../rooms/OpenToExternals.tsx';
import { AddressOffer } from './AddressOffer.tsx';
import { PeopleModel, type PeopleState } from './PeopleModel.ts';
import './people.css';

interface Props {
  rooms: Rooms;
  /** The room they are invited to; without one, whom to write to is looked for. */
  room?: Room;
  /** Rejects with why it cannot be done. */
  onChoose: (userId: string) => Promise<unknown>;
  onClose: () => void;
}

function saying(state: PeopleState, byMail: boolean, t: ReturnType<typeof useText>['t']): string {
  if (state.looking) return t('people.looking');
  if (!state.found || (byMail && state.found.length === 0)) return '';
  return state.found.length === 0 ? t('people.none') : t('people.found', { count: state.found.length });
}

function Row({
  person,
  state,
  model,
  room,
  onChoose,
}: { person: Person; state: PeopleState; model: PeopleModel } & Pick<Props, 'room' | 'onChoose'>) {
  const { t } = useText();
  return (
    <li className="ui-found__row">
      <Avatar name={person.name} seed={person.id} />
      <span className="ui-found__name">
        <span>
          <PersonName person={person} />
        </span>
        <span className="ui-found__more">{person.id.slice(1)}</span>
      </span>
      {state.chosen.includes(person.id) && room ? (
        <span role="status">{t('people.invited', { name: person.name })}</span>
      ) : (
        <Button
          aria-label={t(room ? 'people.inviteOne' : 'people.writeOne', { name: person.name })}
          busy={state.busy}
          onClick={() => void model.choose(person, onChoose)}
        >
          {t(room ? 'people.invite' : 'people.write')}
        </Button>
      )}
    </li>
  );
}

export function FindPeople({ rooms, room, onChoose, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new PeopleModel(rooms), [rooms]);
  const state = useLive(model.state);
  const [opening, setOpening] = useState(false);
  const byMail = room !== undefined && looksLikeAddress(state.term);
  const mayOpen = room?.governance.rights.get().open && state.failure?.reason === 'external_restricted_room';
  return (
    <Dialog
      title={t(room ? 'people.inviteTitle' : 'people.title')}
      closeLabel={t('app.close')}
      onClose={onClose}
    >
      <Field
        label={t('people.search')}
        hint={t(room ? 'people.inviteHint' : 'people.hint')}
        type="search"
        autoComplete="off"
        spellCheck={false}
        value={state.term}
        onValue={(term) => void model.setTerm(term)}
      />
      {state.failure && (
        <FailureNotice failure={state.failure}>
          {mayOpen && (
            <div className="ui-actions">
              <Button onClick={() => setOpening(true)}>{t('opening.ask')}</Button>
            </div>
          )}
        </FailureNotice>
      )}
      <p className="ui-said" role="status">
        {saying(state, byMail, t)}
      </p>
      <ul className="ui-found">
        {state.found?.map((person) => (
          <Row
            key={person.id}
            person={person}
            state={state}
            model={model}
            onChoose={onChoose}
            {...(room ? { room } : {})}
          />
        ))}
      </ul>
      {room && byMail && !state.looking && state.found?.length === 0 && (
        <AddressOffer rooms={rooms} room={room} address={state.term} onOpenRoom={() => setOpening(true)} />
      )}
      {room && opening && <OpenToExternals governance={room.governance} onClose={() => setOpening(false)} />}
    </Dialog>
  );
}
