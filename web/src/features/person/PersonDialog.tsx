// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { People } from '../../core/people.ts';
import type { Person, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { ExternBadge } from '../PersonName.tsx';
import { ReportForm } from '../ReportForm.tsx';
import { RoomPicture } from '../RoomPicture.tsx';
import './person.css';

interface Props {
  people: People;
  rooms: Rooms;
  /** As the place knows them where one comes from. */
  person: Person;
  me: string;
  hrefOf: (roomId: string) => string;
  onGo: (roomId: string) => void;
  onClose: () => void;
}

type Part = Pick<Props, 'people' | 'person'>;

function Shared({ people, rooms, person, hrefOf, onClose }: Omit<Props, 'me' | 'onGo'>): ReactElement | null {
  const { t } = useText();
  const list = useLive(rooms.list);
  const [ids, setIds] = useState<readonly string[]>();
  useEffect(() => void people.shared(person.id).then(setIds), [people, person.id]);
  if (!ids) return null;
  const shared = list.filter(({ id, kind }) => kind !== 'space' && ids.includes(id));
  return (
    <section aria-labelledby="person-shared">
      <h3 id="person-shared">
        {shared.length > 0 ? t('person.shared', { count: shared.length }) : t('person.sharedNone')}
      </h3>
      <ul className="ui-found">
        {shared.map((room) => (
          <li key={room.id} className="ui-found__row">
            <RoomPicture small room={room} />
            <a className="ui-found__name" href={hrefOf(room.id)} onClick={onClose}>
              {room.name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Block({ people, person }: Part): ReactElement {
  const { t } = useText();
  const blocked = useLive(people.blocked).has(person.id);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  return (
    <section className="person__part">
      {failure && <FailureNotice failure={failure} />}
      {blocked ? (
        <Notice kind="warning" announced>
          {t('person.blocked')}
        </Notice>
      ) : (
        <p className="rooms__hint">{t('person.blockText', { name: person.name })}</p>
      )}
      <div className="ui-actions">
        <Button
          kind={blocked ? 'secondary' : 'danger'}
          busy={busy}
          onClick={() => void attempt.run(() => people.block(person.id, !blocked))}
        >
          {t(blocked ? 'person.unblock' : 'person.block')}
        </Button>
      </div>
    </section>
  );
}

function ReportPerson({ people, person }: Part): ReactElement {
  const { t } = useText();
  return (
    <details className="person__part">
      <summary>{t('person.report')}</summary>
      <ReportForm
        text={t('person.reportText', { name: person.name })}
        done={t('person.reported')}
        onReport={(reason) => people.report(person.id, reason)}
      />
    </details>
  );
}

/** Who somebody is, what one shares with them, and what one may do about them. */
export function PersonDialog(props: Props): ReactElement {
  const { people, rooms, me, hrefOf, onGo, onClose } = props;
  const { t } = useText();
  const [person, setPerson] = useState(props.person);
  useEffect(() => {
    // What the room knows stands until the profile says more.
    people.about(props.person.id).then(setPerson, () => {});
  }, [people, props.person.id]);
  const writing = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(writing.state);
  return (
    <Dialog title={t('person.title')} closeLabel={t('app.close')} onClose={onClose}>
      <div className="person__head">
        <Avatar large name={person.name} seed={person.id} />
        <div>
          <p className="person__name">
            {person.name} {person.external && <ExternBadge />}
          </p>
          {person.organisation && <p>{person.organisation}</p>}
          <p className="person__id">{person.id.slice(1)}</p>
        </div>
      </div>
      {failure && <FailureNotice failure={failure} />}
      {person.id !== me && (
        <div className="ui-actions">
          <Button
            kind="primary"
            icon="edit"
            busy={busy}
            onClick={() => void writing.run(async () => onGo(await rooms.talkTo(person.id)))}
          >
            {t('person.write')}
          </Button>
        </div>
      )}
      <Shared people={people} rooms={rooms} person={person} hrefOf={hrefOf} onClose={onClose} />
      {person.id !== me && <Block people={people} person={person} />}
      {person.id !== me && <ReportPerson people={people} person={person} />}
    </Dialog>
  );
}
