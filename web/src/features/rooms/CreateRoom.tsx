// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useMemo } from 'react';
import type { NewRoom, Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice, type ChoiceOption } from '../../ui/Choice.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { CreateModel } from './CreateModel.ts';

interface Props {
  rooms: Rooms;
  /** A space, which nobody writes in: whoever reads is no question then. */
  space: boolean;
  /** This server knows rooms that outside partners may be invited to. */
  openRooms: boolean;
  onCreated: (roomId: string) => void;
  onClose: () => void;
}

/** The button says what is made. */
const SUBMIT = {
  private: 'create.submit',
  open: 'create.openSubmit',
  public: 'create.publicSubmit',
  space: 'create.spaceSubmit',
} as const;

const kinds = (openRooms: boolean, t: ReturnType<typeof useText>['t']): ChoiceOption<NewRoom['kind']>[] => [
  {
    value: 'private',
    label: t('create.private'),
    hint: t(openRooms ? 'create.privateText' : 'create.privatePlainText'),
    icon: 'lock',
  },
  ...(openRooms
    ? [
        {
          value: 'open',
          label: t('create.open'),
          hint: t('create.openText'),
          forever: t('create.openForever'),
          icon: 'extern',
        } as const,
      ]
    : []),
  {
    value: 'public',
    label: t('create.public'),
    hint: t('create.publicText'),
    forever: t('create.publicForever'),
    icon: 'forum',
  },
];

export function CreateRoom({ rooms, space, openRooms, onCreated, onClose }: Props): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new CreateModel(rooms, space ? 'space' : 'private'), [rooms, space]);
  const state = useLive(model.state);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const roomId = await model.submit();
    if (roomId) onCreated(roomId);
  };
  return (
    <Dialog
      sheet
      title={t(space ? 'create.spaceTitle' : 'create.title')}
      closeLabel={t('app.close')}
      onClose={onClose}
    >
      <form className="rooms__form" noValidate onSubmit={submit}>
        {state.failure && <FailureNotice failure={state.failure} />}
        <Field
          label={t(space ? 'create.spaceName' : 'create.name')}
          value={state.name}
          onValue={(name) => model.setName(name)}
          error={state.missing ? t('create.nameMissing') : undefined}
          hint={t(space ? 'create.spaceHint' : 'create.nameHint')}
          required
          maxLength={120}
          autoComplete="off"
        />
        {space ? (
          <p>{t('create.spaceText')}</p>
        ) : (
          <Choice
            legend={t('create.kind')}
            value={state.kind}
            onValue={(kind) => model.setKind(kind)}
            options={kinds(openRooms, t)}
          />
        )}
        {state.kind === 'public' && (
          <Field
            label={t('create.topic')}
            hint={t('create.topicHint')}
            value={state.topic}
            onValue={(topic) => model.setTopic(topic)}
            maxLength={200}
            autoComplete="off"
          />
        )}
        <div className="ui-actions">
          <Button type="submit" kind="primary" busy={state.busy}>
            {t(state.busy ? 'create.busy' : SUBMIT[state.kind])}
          </Button>
          <Button onClick={onClose}>{t('app.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
