// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { PersonName } from '../PersonName.tsx';
import type { ConversationState } from './ConversationModel.ts';

/** Whom one may mean by what one has typed of a name. */
export function Suggestions({
  state,
  id,
  onChoose,
}: {
  state: ConversationState;
  id: string;
  onChoose: (i: number) => void;
}): ReactElement | null {
  const { t } = useText();
  if (state.suggestions.length === 0) return null;
  return (
    <div className="compose__names" id={id} role="listbox" aria-label={t('compose.mentions')}>
      {state.suggestions.map((member, i) => (
        <div
          key={member.id}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === state.chosen}
          className="compose__name"
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(i);
          }}
        >
          <PersonName person={member} /> <span className="compose__id">{member.id.slice(1)}</span>
        </div>
      ))}
    </div>
  );
}
