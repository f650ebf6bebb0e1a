// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import { isFiltered, type SearchModel } from './SearchModel.ts';

/** Where, by whom, when: of messages. The people and rooms that are offered are those of what was found. */
export function Filters({ model }: { model: SearchModel }): ReactElement {
  const { t } = useText();
  const state = useLive(model.state);
  const rooms = useLive(model.allRooms);
  const filtered = isFiltered(state);
  const [open, setOpen] = useState(filtered);
  const { roomId, sender, found } = state;
  const offered = rooms.filter(({ id }) => id === roomId || found.roomIds.includes(id));
  const people = found.people.filter(({ id }) => id !== sender);
  const theirs = found.people.find(({ id }) => id === sender);
  return (
    <details className="search__filters" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('search.filters')}</summary>
      <div className="search__fields">
        <Select
          label={t('search.in')}
          value={roomId ?? ''}
          onValue={(id) => void model.setFilters({ roomId: id || undefined })}
          options={[
            { value: '', label: t('search.everywhere') },
            ...offered.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <Select
          label={t('search.by')}
          value={sender ?? ''}
          onValue={(id) => void model.setFilters({ sender: id || undefined })}
          options={[
            { value: '', label: t('search.anybody') },
            ...(sender ? [{ value: sender, label: theirs?.name ?? sender.slice(1) }] : []),
            ...people.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <Field
          label={t('search.from')}
          type="date"
          value={state.from}
          onValue={(from) => void model.setFilters({ from })}
        />
        <Field
          label={t('search.to')}
          type="date"
          value={state.to}
          onValue={(to) => void model.setFilters({ to })}
        />
        <label className="ui-check">
          <input
            type="checkbox"
            checked={state.filesOnly}
            onChange={(event) => void model.setFilters({ filesOnly: event.target.checked })}
          />
          {t('search.files')}
        </label>
        {filtered && (
          <Button kind="quiet" icon="close" onClick={() => void model.clearFilters()}>
            {t('search.clear')}
          </Button>
        )}
      </div>
    </details>
  );
}
