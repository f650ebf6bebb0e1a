// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { NoticeChoices } from '../../core/notice-choices.ts';
import type { Notices } from '../../core/notices.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { Switch } from '../Switch.tsx';
import type { DeviceModel } from './DeviceModel.ts';
import { TestReport } from './TestReport.tsx';

interface Props {
  device: DeviceModel;
  notices: Notices;
  choices: NoticeChoices;
}

/** [UX-14] The browser is asked only once its question has been explained, and the button pressed. */
function Asking({ device }: Pick<Props, 'device'>): ReactElement {
  const { t } = useText();
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  return (
    <>
      <p>{t('notify.consequence')}</p>
      {failure && <FailureNotice failure={failure} />}
      <div className="ui-actions">
        <Button kind="primary" busy={busy} onClick={() => void attempt.run(() => device.turnOn())}>
          {t('notify.on')}
        </Button>
      </div>
    </>
  );
}

function Turned({ device, choices }: Pick<Props, 'device' | 'choices'>): ReactElement {
  const { t } = useText();
  const { content } = useLive(choices.choice);
  const reach = useLive(device.reach);
  const attempt = useMemo(() => new Attempt(), []);
  const { busy, failure } = useLive(attempt.state);
  return (
    <>
      <p role="status">{t(`notify.reach.${reach}`)}</p>
      <Switch
        label={t('notify.content')}
        hint={t('notify.contentText')}
        on={content}
        onChange={(on) => choices.set({ content: on })}
      />
      {failure && <FailureNotice failure={failure} />}
      <div className="ui-actions">
        <Button busy={busy} onClick={() => void attempt.run(() => device.turnOff())}>
          {t('notify.off')}
        </Button>
      </div>
    </>
  );
}

export function ThisDevice({ device, notices, choices }: Props): ReactElement {
  const { t } = useText();
  const permission = useLive(notices.permission);
  const { on } = useLive(choices.choice);
  return (
    <div className="notify__device">
      <h3>{t('notify.device')}</h3>
      {permission === 'absent' ? (
        <Notice kind="info">{t('notify.absent')}</Notice>
      ) : permission === 'denied' ? (
        <Notice kind="warning">{t('notify.denied')}</Notice>
      ) : on ? (
        <Turned device={device} choices={choices} />
      ) : (
        <Asking device={device} />
      )}
      <TestReport device={device} />
    </div>
  );
}
