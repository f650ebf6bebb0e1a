// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { PeopleModel, type PeopleState } from './PeopleModel.ts';
import './people.css';

interface Props {
  rooms: Rooms;
  /** What people are looked for. */
  purpose: 'write' | 'invite';
  /** Rejects with why it cannot be done. */
  onChoose: (userId: string) => Promise<unknown>;
  onClose: () => void;
}

function saying(state: PeopleState, t: ReturnType<typeof useText>['t']): string {
  if (state.looking) return t('people.looking');
  if (!state.found) return '';
  return state.found.length === 0 ? t('people.none') : t('people.found', { count: state.found.length });
}

export function FindPeople({ rooms, purpose, onChoose, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new PeopleModel(rooms), [rooms]);
  const state = useLive(model.state);
  const title: Key = purpose === 'write' ? 'people.title' : 'people.inviteTitle';
  return (
    <Dialog title={t(title)} closeLabel={t('app.close')} onClose={onClose}>
      <Field
        label={t('people.search')}
        hint={t('people.hint')}
        type="search"
        autoComplete="off"
        spellCheck={false}
        value={state.term}
        onValue={(term) => void model.setTerm(term)}
      />
      {state.failure && <FailureNotice failure={state.failure} />}
      <p className="people__said" role="status">
        {saying(state, t)}
      </p>
      <ul className="people">
        {state.found?.map((person) => (
          <li className="people__row" key={person.id}>
            <Avatar name={person.name} seed={person.id} />
            <span className="people__name">
              {person.name}
              <span className="people__id">{person.id.slice(1)}</span>
            </span>
            {state.chosen.includes(person.id) && purpose === 'invite' ? (
              <span role="status">{t('people.invited', { name: person.name })}</span>
            ) : (
              <Button busy={state.busy} onClick={() => void model.choose(person, onChoose)}>
                {t(`people.${purpose}`, { name: person.name })}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
