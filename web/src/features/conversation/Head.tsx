// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { useLive, useLivePart } from '../../ui/useLive.ts';
import { RoomPicture } from '../RoomPicture.tsx';
import { ExternBadge } from '../PersonName.tsx';
import { MembersCount } from '../members/MembersCount.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import type { Asked } from './Dialogs.tsx';

interface Props {
  model: ConversationModel;
  backHref: string;
  hrefOf: (roomId: string) => string;
  onAsk: (asked: Asked) => void;
  onSearch: () => void;
  onCopyLink: () => void;
}

/** Which conversation this is, who is in it, and what can be done with it as a whole. */
export function Head({ model, backHref, hrefOf, onAsk, onSearch, onCopyLink }: Props): ReactElement {
  const { t } = useText();
  const summary = useLive(model.room.summary);
  const members = useLive(model.room.members);
  const panel = useLivePart(model.state, (state) => state.panel);
  const spaces = useLive(model.room.spaces);
  const asking = useLive(model.room.governance.asking).length;
  const { invite } = useLive(model.room.governance.rights);
  const direct = summary.kind === 'direct';
  const other = direct ? members.find((member) => member.id === summary.seed) : undefined;
  const items: MenuItem[] = [
    { label: t(direct ? 'room.infoDirect' : 'room.info'), icon: 'settings', run: () => model.show('info') },
    { label: t('search.here'), icon: 'search', run: onSearch },
    { label: t('room.threads'), icon: 'thread', run: () => model.show('threads') },
    { label: t('room.pinned'), icon: 'pin', run: () => model.show('pins') },
    { label: t('room.gallery'), icon: 'image', run: () => model.show('gallery') },
    { label: t('room.date'), icon: 'calendar', run: () => onAsk({ what: 'date' }) },
    { label: t('room.poll'), icon: 'poll', run: () => onAsk({ what: 'poll' }) },
    { label: t('room.export'), icon: 'download', run: () => onAsk({ what: 'export' }) },
    ...(direct ? [] : [{ label: t('room.link'), icon: 'link', run: onCopyLink } as const]),
    {
      label: t(summary.favourite ? 'room.notFavourite' : 'room.favourite'),
      icon: 'star',
      run: () => void model.setFavourite(!summary.favourite),
    },
    { label: t('room.leave'), icon: 'signOut', danger: true, run: () => onAsk({ what: 'leave' }) },
  ];
  return (
    <header className="conversation__head" data-zone>
      <a
        className="ui-btn ui-btn--quiet ui-btn--icon conversation__back"
        href={backHref}
        aria-label={t('app.back')}
      >
        <Icon name="back" />
      </a>
      <RoomPicture room={summary} />
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
          {direct ? other?.organisation && ` · ${other.organisation}` : <MembersCount members={members} />}
          {spaces.map(({ id, name }) => (
            <span key={id}>
              {' · '}
              <a href={hrefOf(id)} aria-label={t('room.inSpace', { space: name })}>
                {name}
              </a>
            </span>
          ))}
        </RoomMark>
      </div>
      {other ? (
        <Button
          kind="quiet"
          icon="person"
          className="conversation__door"
          onClick={() => onAsk({ what: 'person', person: other })}
        >
          {t('person.title')}
        </Button>
      ) : (
        <Button
          kind="quiet"
          icon="people"
          className="conversation__door"
          aria-expanded={panel === 'members'}
          onClick={() => model.show(panel === 'members' ? 'none' : 'members')}
        >
          {asking > 0 && invite
            ? `${t('room.members')} · ${t('member.asking', { count: asking })}`
            : t('room.members')}
        </Button>
      )}
      <Menu label={t('room.actions')} icon="more" items={items} />
    </header>
  );
}
