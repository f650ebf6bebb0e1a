// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import type { Alerts, Attention } from '../../core/alerts.ts';
import type { NoticeChoices } from '../../core/notice-choices.ts';
import type { Notices } from '../../core/notices.ts';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Select } from '../../ui/Select.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { Switch } from '../Switch.tsx';
import type { DeviceModel } from './DeviceModel.ts';
import { QuietPart } from './QuietPart.tsx';
import { ThisDevice } from './ThisDevice.tsx';
import './notifications.css';

interface Props {
  session: Session;
  device: DeviceModel;
  notices: Notices;
  choices: NoticeChoices;
}

const CHOICES: readonly Exclude<Attention, 'mixed'>[] = ['all', 'direct', 'mentions'];

/** Of what one is told, on all one's devices, where a room has no choice of its own. */
function AttentionChoice({ alerts }: { alerts: Alerts }): ReactElement {
  const { t } = useText();
  const attention = useLive(alerts.attention);
  const attempt = useMemo(() => new Attempt(), []);
  const { done, failure } = useLive(attempt.state);
  const values: readonly Attention[] = attention === 'mixed' ? ['mixed', ...CHOICES] : CHOICES;
  return (
    <div>
      {failure && <FailureNotice failure={failure} />}
      <Select
        label={t('notify.attention')}
        value={attention}
        options={values.map((value) => ({ value, label: t(`notify.attention.${value}`) }))}
        onValue={(value) => {
          if (value !== 'mixed') void attempt.run(() => alerts.setAttention(value));
        }}
      />
      <p className="settings__hint">{t('notify.attentionHint')}</p>
      <p className="settings__hint" role="status">
        {done && t('info.saved')}
      </p>
    </div>
  );
}

/** How one is told that messages wait. What of a room counts is set in the room itself. */
export function NotificationsPart({ session, device, notices, choices }: Props): ReactElement {
  const { t } = useText();
  const { digest } = useLive(session.personal.state);
  return (
    <>
      <ThisDevice device={device} notices={notices} choices={choices} />
      <AttentionChoice alerts={session.alerts} />
      <p className="settings__hint">{t('settings.perRoom')}</p>
      <QuietPart personal={session.personal} />
      <Switch
        label={t('settings.digest')}
        hint={t('settings.digestText')}
        on={digest}
        onChange={(on) => session.personal.setDigest(on)}
      />
    </>
  );
}
