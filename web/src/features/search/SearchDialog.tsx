// SPDX-License-Identifier: EUPL-1.2
import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useMemo } from 'react';
import type { SearchReach } from '../../core/search.ts';
import type { Session } from '../../core/session.ts';
import type { Text } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Filters } from './Filters.tsx';
import { MessageOption, PersonOption, RoomOption } from './Options.tsx';
import {
  isFiltered,
  type Option,
  optionsOf,
  type Place,
  SearchModel,
  type SearchState,
} from './SearchModel.ts';
import './search.css';

interface Props {
  session: Session;
  /** Looked through first; without it, all there is. */
  roomId: string | undefined;
  onGo: (place: Place) => void;
  onClose: () => void;
}

/** [UX-12] How far back messages were looked through. */
function reachWords({ at, since }: SearchReach, text: Text): string {
  if (at === 'whole' || at === 'none') return text.t(`search.reach.${at}`);
  if (since === undefined) return text.t('search.reach.begun');
  return text.t(`search.reach.${at}`, { day: text.day(since) });
}

const isAsked = (state: SearchState): boolean => state.words.trim() !== '' || isFiltered(state);

function saying(state: SearchState, options: readonly Option[], { t }: Text): string {
  if (!isAsked(state)) return '';
  if (state.looking && options.length === 0) return t('search.looking');
  if (options.length === 0) return t('search.none');
  return t('search.found', { count: state.found.total });
}

/** [UX-16] Ctrl + K: a few letters, and one is there ("Combobox" of the ARIA practices). */
export function SearchDialog({ session, roomId, onGo, onClose }: Props): ReactElement {
  const text = useText();
  const { t } = text;
  const id = useId();
  const model = useMemo(() => new SearchModel(session, roomId), [session, roomId]);
  useEffect(() => model.watch(), [model]);
  const state = useLive(model.state);
  const rooms = useLive(model.allRooms);
  const reach = useLive(model.reach);
  const me = useLive(session.me);
  const options = optionsOf(state);
  const at = Math.min(state.chosen, options.length - 1);
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  const go = async (option: Option | undefined) => {
    const place = option && (await model.placeOf(option));
    if (place) onGo(place);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (event.nativeEvent.isComposing) return;
    if (step !== undefined) model.move(step);
    else if (event.key === 'Enter') void go(options[at]);
    else return;
    event.preventDefault();
  };
  const show = (option: Option): ReactNode => {
    if (option.kind === 'room') return <RoomOption room={option.room} />;
    if (option.kind === 'person') return <PersonOption person={option.person} />;
    const place = rooms.find((room) => room.id === option.message.roomId)?.name ?? '—';
    const mine = option.message.sender.id === me.userId;
    return <MessageOption message={option.message} mine={mine} place={place} words={state.words} />;
  };
  const part = (kind: Option['kind'], title: string) => {
    const mine = options.map((option, i) => ({ option, i })).filter(({ option }) => option.kind === kind);
    if (mine.length === 0) return null;
    return (
      <div role="group" aria-labelledby={`${id}-${kind}`} className="search__part">
        <p className="search__title" id={`${id}-${kind}`} role="presentation">
          {title}
        </p>
        {mine.map(({ option, i }) => (
          <div
            key={i}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            className="search__one"
            onClick={() => void go(option)}
            onKeyDown={onKeyDown}
          >
            {show(option)}
          </div>
        ))}
      </div>
    );
  };
  return (
    <Dialog wide title={t('search.title')} closeLabel={t('app.close')} onClose={onClose}>
      <Field
        label={t('search.label')}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-expanded={options.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={options[at] ? `${id}-${at}` : undefined}
        value={state.words}
        onValue={(words) => void model.setWords(words)}
        onKeyDown={onKeyDown}
      />
      <Filters model={model} />
      <p className="ui-said" role="status">
        {saying(state, options, text)}
      </p>
      <div role="listbox" id={`${id}-list`} aria-label={t('search.results')} className="search__list">
        {part('room', t(isAsked(state) ? 'search.rooms' : 'search.recent'))}
        {part('person', t('search.people'))}
        {part('message', t('search.messages'))}
      </div>
      {state.found.messages.length < state.found.total && (
        <Button onClick={() => void model.showMore()}>{t('search.more')}</Button>
      )}
      <p className="search__reach">{reachWords(reach, text)}</p>
    </Dialog>
  );
}
