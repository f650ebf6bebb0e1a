// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { PersonName } from '../PersonName.tsx';
import type { MembersModel } from './MembersModel.ts';

/** Who asks to be let in, for those who may decide. */
export function AskingList({ model }: { model: MembersModel }): ReactElement | null {
  const { t } = useText();
  const { governance } = model.room;
  const asking = useLive(governance.asking);
  const { invite, remove } = useLive(governance.rights);
  const { busy } = useLive(model.state);
  if (asking.length === 0 || !invite) return null;
  return (
    <section aria-labelledby="members-asking">
      <h3 id="members-asking">{t('member.asking', { count: asking.length })}</h3>
      <ul className="members__list">
        {asking.map((person) => (
          <li key={person.id} className="members__row members__row--asking">
            <Avatar small name={person.name} seed={person.id} />
            <span className="members__name">
              <PersonName person={person} />
              <span className="members__about">
                {[
                  person.organisation,
                  person.apart,
                  person.reason && t('member.reason', { text: person.reason }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </span>
            <Button
              aria-label={t('member.admitOne', { name: person.name })}
              busy={busy}
              onClick={() => void model.choose('admit', person)}
            >
              {t('member.admit')}
            </Button>
            {remove && (
              <Button
                kind="quiet"
                aria-label={t('member.turnAwayOne', { name: person.name })}
                busy={busy}
                onClick={() => void model.choose('turnAway', person)}
              >
                {t('member.turnAway')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
