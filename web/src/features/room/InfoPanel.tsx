// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import type { Calls, Room, RoomSummary } from '../../core/rooms.ts';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { OpenToExternals } from '../rooms/OpenToExternals.tsx';
import { RoomMark } from '../rooms/RoomMark.tsx';
import { Switch } from '../Switch.tsx';
import { Lifetime } from './Lifetime.tsx';
import { PictureChoice } from './PictureChoice.tsx';
import './room.css';

interface Props {
  room: Room;
  onClose: () => void;
}

const CALLS: readonly Calls[] = ['default', 'all', 'mentions', 'none'];

const accessOf = (room: RoomSummary): Key =>
  room.kind === 'public' || room.kind === 'space' || room.encrypted ? `info.${room.kind}` : 'info.plain';

/** The name and the topic, for who may change them. */
function Naming({ room }: { room: Room }): ReactElement {
  const { t } = useText();
  const summary = useLive(room.summary);
  const rights = useLive(room.governance.rights);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, done, failure } = useLive(attempt.state);
  const [name, setName] = useState(summary.name);
  const [topic, setTopic] = useState(summary.topic ?? '');
  const [missing, setMissing] = useState(false);
  const save = async () => {
    if (rights.rename && name.trim() !== summary.name) await room.governance.rename(name.trim());
    if (rights.describe && topic.trim() !== (summary.topic ?? ''))
      await room.governance.describe(topic.trim());
  };
  const changed = name.trim() !== summary.name || topic.trim() !== (summary.topic ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!name.trim());
    if (name.trim()) void attempt.run(save);
  };
  return (
    <form className="ui-form" noValidate onSubmit={submit}>
      {failure && <FailureNotice failure={failure} />}
      <Field
        label={t('info.name')}
        hint={t('info.nameHint')}
        value={name}
        onValue={setName}
        error={missing ? t('info.nameMissing') : undefined}
        readOnly={!rights.rename}
        maxLength={120}
        autoComplete="off"
      />
      <Field
        label={t('info.topic')}
        hint={t('info.topicHint')}
        value={topic}
        onValue={setTopic}
        readOnly={!rights.describe}
        maxLength={500}
        autoComplete="off"
      />
      <div className="ui-actions">
        <Button type="submit" kind={changed ? 'primary' : 'secondary'} busy={busy}>
          {t('info.save')}
        </Button>
        <p className="room__saved" role="status">
          {done && !changed && (
            <>
              <Icon name="check" />
              {t('info.saved')}
            </>
          )}
        </p>
      </div>
    </form>
  );
}

/** Who reads the room, and its opening to partners where one may do that. */
function Access({ room }: { room: Room }): ReactElement {
  const { t } = useText();
  const summary = useLive(room.summary);
  const { open, letAsk } = useLive(room.governance.rights);
  const mayAsk = useLive(room.governance.mayAsk);
  const [asking, setAsking] = useState(false);
  return (
    <section className="room__part">
      <h4>{t('info.access')}</h4>
      <RoomMark room={summary} />
      <p>{t(accessOf(summary))}</p>
      {letAsk && (
        <Switch
          label={t('info.letAsk')}
          hint={t('info.letAskHint')}
          on={mayAsk}
          onChange={(on) => room.governance.letAsk(on)}
        />
      )}
      {open && (
        <div className="ui-actions">
          <Button onClick={() => setAsking(true)}>{t('opening.ask')}</Button>
        </div>
      )}
      {asking && <OpenToExternals governance={room.governance} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Notifications({ room }: { room: Room }): ReactElement {
  const { t } = useText();
  const calls = useLive(room.calls);
  const attempt = useMemo(() => new Attempt(), []);
  const { failure } = useLive(attempt.state);
  return (
    <section className="room__part">
      <h3>{t('info.forMe')}</h3>
      {failure && <FailureNotice failure={failure} />}
      <Select
        label={t('info.calls')}
        value={calls}
        options={CALLS.map((value) => ({ value, label: t(`info.calls.${value}`) }))}
        onValue={(value) => void attempt.run(() => room.setCalls(value))}
      />
    </section>
  );
}

/** What a room is, and what of it can be set: by each for themselves, and for all. */
export function InfoPanel({ room, onClose }: Props): ReactElement {
  const { t } = useText();
  const summary = useLive(room.summary);
  const forAll: Key =
    summary.kind === 'direct'
      ? 'info.forDirect'
      : summary.kind === 'space'
        ? 'info.forSpace'
        : 'info.forRoom';
  const { rename, describe, picture } = useLive(room.governance.rights);
  return (
    <Panel
      title={t(summary.kind === 'direct' ? 'room.infoDirect' : 'room.info')}
      closeLabel={t('app.close')}
      onClose={onClose}
    >
      {summary.kind !== 'space' && <Notifications room={room} />}
      <section className="room__part">
        <h3>{t(forAll)}</h3>
        {rename || describe ? <Naming room={room} /> : summary.topic && <p>{summary.topic}</p>}
        {picture && <PictureChoice room={room} />}
        <Access room={room} />
        {summary.kind !== 'space' && <Lifetime room={room} />}
      </section>
    </Panel>
  );
}
