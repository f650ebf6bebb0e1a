// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useId, useMemo } from 'react';
import type { Member, Room } from '../../core/rooms.ts';
import type { Text } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { saveText } from '../../ui/save.ts';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { ExternBadge, PersonName } from '../PersonName.tsx';
import { AskingList } from './AskingList.tsx';
import { membersCsv } from './csv.ts';
import { MemberQuestion } from './MemberQuestion.tsx';
import { type MemberAct, MembersModel, SHOWN } from './MembersModel.ts';
import './members.css';

interface Props {
  room: Room;
  me: string;
  onInvite: () => void;
  /** Shows who somebody is. */
  onPerson?: (person: Member) => void;
  onClose: () => void;
}

const ICONS: Partial<Record<MemberAct, MenuItem['icon']>> = {
  remove: 'signOut',
  withdraw: 'close',
  ban: 'close',
};
/** A filter is worth its place from here on. */
const MANY = 12;

type RowProps = { member: Member; model: MembersModel } & Pick<Props, 'me' | 'onPerson'>;

function Row({ member, model, me, onPerson }: RowProps): ReactElement {
  const { t } = useText();
  useLive(model.room.governance.rights);
  const items = model.acts(member).map((act): MenuItem => {
    const icon = ICONS[act] ?? 'shield';
    const danger = act === 'remove' || act === 'withdraw' || act === 'ban';
    return { label: t(`member.${act}`), icon, danger, run: () => void model.choose(act, member) };
  });
  if (onPerson && member.id !== me)
    items.unshift({ label: t('person.show'), icon: 'person', run: () => onPerson(member) });
  return (
    <li className="members__row">
      <Avatar small name={member.name} seed={member.id} />
      <span className="members__name">
        <span>
          {member.name} {member.id === me && t('room.you')} {member.external && <ExternBadge />}
        </span>
        <span className="members__about">
          {[member.invited ? t('room.invited') : t(`role.${member.role}`), member.organisation, member.apart]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      {items.length > 0 && (
        <Menu label={t('member.actions', { name: member.name })} icon="more" items={items} />
      )}
    </li>
  );
}

/** Who may still come in, apart from who has: to be invited is not to read. */
function Invited({ model, me, onPerson }: Omit<RowProps, 'member'>): ReactElement | null {
  const { t } = useText();
  const { invited } = useLive(model.state);
  const id = useId();
  if (invited.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h3 className="members__part" id={id}>
        {t('member.invited')}
      </h3>
      <ul className="members__list">
        {invited.map((member) => (
          <Row key={member.id} member={member} model={model} me={me} {...(onPerson ? { onPerson } : {})} />
        ))}
      </ul>
    </section>
  );
}

function Banned({ model }: { model: MembersModel }): ReactElement | null {
  const { t } = useText();
  const { governance } = model.room;
  const banned = useLive(governance.banned);
  const { ban } = useLive(governance.rights);
  if (banned.length === 0 || !ban) return null;
  return (
    <details className="members__banned">
      <summary>{t('member.banned', { count: banned.length })}</summary>
      <ul>
        {banned.map((person) => (
          <li key={person.id} className="members__row">
            <span className="members__name">
              <PersonName person={person} />
            </span>
            <Button
              kind="quiet"
              aria-label={t('member.unbanOne', { name: person.name })}
              onClick={() => void model.choose('unban', person)}
            >
              {t('member.unban')}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function saveList(room: Room, { t }: Text): void {
  const members = room.members.get().filter((member) => !member.invited);
  const head = [t('member.csvName'), t('member.csvOrganisation'), t('member.csvRole')];
  const text = membersCsv(head, members, (member) => t(`role.${member.role}`));
  saveText(`${room.summary.get().name}.csv`, 'text/csv', text);
}

export function MembersPanel({ room, me, onInvite, onPerson, onClose }: Props): ReactElement {
  const text = useText();
  const { t } = text;
  const model = useMemo(() => new MembersModel(room, me), [room, me]);
  useEffect(() => model.watch(), [model]);
  const { filter, shown, total, awaited, externals, failure } = useLive(model.state);
  const { invite } = useLive(room.governance.rights);
  return (
    <Panel title={t('room.members')} closeLabel={t('app.close')} onClose={onClose}>
      <p className="members__count">
        {t('room.membersCount', { count: total })}
        {awaited > 0 && ` · ${t('room.invitedCount', { count: awaited })}`}
        {externals > 0 && ` · ${t('extern.count', { count: externals })}`}
      </p>
      {invite && (
        <div className="members__acts">
          <Button kind="primary" icon="plus" onClick={onInvite}>
            {t('room.invite')}
          </Button>
          <Menu
            label={t('member.listActions')}
            icon="more"
            items={[{ label: t('member.export'), icon: 'download', run: () => saveList(room, text) }]}
          />
        </div>
      )}
      <AskingList model={model} />
      {total + awaited >= MANY && (
        <Field
          label={t('member.filter')}
          type="search"
          autoComplete="off"
          value={filter}
          onValue={(value) => model.setFilter(value)}
        />
      )}
      {failure && <FailureNotice failure={failure} />}
      <ul className="members__list">
        {shown.map((member) => (
          <Row key={member.id} member={member} model={model} me={me} {...(onPerson ? { onPerson } : {})} />
        ))}
      </ul>
      {shown.length === SHOWN && <p className="members__count">{t('member.more')}</p>}
      <Invited model={model} me={me} {...(onPerson ? { onPerson } : {})} />
      <Banned model={model} />
      <MemberQuestion model={model} />
    </Panel>
  );
}
