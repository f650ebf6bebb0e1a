// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { useLive } from '../../ui/useLive.ts';
import { ExternBadge } from '../PersonName.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import type { ConversationModel } from './ConversationModel.ts';

interface Props {
  model: ConversationModel;
  backHref: string;
  onLeave: () => void;
}

/** Which conversation this is, who is in it, and what can be done with it as a whole. */
export function Head({ model, backHref, onLeave }: Props): ReactElement {
  const { t } = useText();
  const summary = useLive(model.room.summary);
  const members = useLive(model.room.members);
  const { panel } = useLive(model.state);
  const items: MenuItem[] = [
    {
      label: t(summary.favourite ? 'room.notFavourite' : 'room.favourite'),
      icon: 'star',
      run: () => void model.setFavourite(!summary.favourite),
    },
    { label: t('room.leave'), icon: 'signOut', danger: true, run: onLeave },
  ];
  return (
    <header className="conversation__head">
      <a
        className="ui-btn ui-btn--quiet ui-btn--icon conversation__back"
        href={backHref}
        aria-label={t('app.back')}
      >
        <Icon name="back" />
      </a>
      <Avatar name={summary.name} seed={summary.seed} square={summary.kind !== 'direct'} />
      <div className="conversation__title">
        <h1 id="conversation-title" tabIndex={-1}>
          {summary.name}
          {summary.external && (
            <>
              {' '}
              <ExternBadge />
            </>
          )}
        </h1>
        <RoomMark room={summary}>
          {summary.kind !== 'direct' && ` · ${t('room.membersCount', { count: members.length })}`}
        </RoomMark>
      </div>
      <Button
        kind="quiet"
        icon="people"
        className="conversation__door"
        aria-expanded={panel === 'members'}
        onClick={() => model.show(panel === 'members' ? 'none' : 'members')}
      >
        {t('room.members')}
      </Button>
      <Menu label={t('room.actions')} icon="more" items={items} />
    </header>
  );
}
