// SPDX-License-Identifier: EUPL-1.2
import { type FormEvent, type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Account, Device } from '../../core/account.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { DevicesModel } from './DevicesModel.ts';
import { PasswordDialog } from './PasswordDialog.tsx';

function Rename({ device, model }: { device: Device; model: DevicesModel }): ReactElement {
  const { t } = useText();
  const [name, setName] = useState(device.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void model.rename(device.id, name);
  };
  return (
    <form className="settings__form" onSubmit={submit}>
      <Field label={t('device.name')} value={name} onValue={setName} maxLength={100} autoComplete="off" />
      <div className="ui-actions">
        <Button type="submit" kind="primary">
          {t('device.save')}
        </Button>
        <Button onClick={() => model.startRenaming(undefined)}>{t('app.cancel')}</Button>
      </div>
    </form>
  );
}

function Row({ device, model }: { device: Device; model: DevicesModel }): ReactElement {
  const text = useText();
  const { t } = text;
  const { renaming } = useLive(model.state);
  if (renaming === device.id)
    return (
      <li className="settings__device">
        <Rename device={device} model={model} />
      </li>
    );
  return (
    <li className="settings__device">
      <p className="settings__what">
        <span>
          <strong>{device.name}</strong> {device.current && <Badge kind="plain">{t('device.this')}</Badge>}
        </span>
        <span className="settings__hint">
          {[
            device.lastSeen !== undefined && t('device.seen', { when: text.moment(device.lastSeen) }),
            t(device.trusted ? 'device.trusted' : 'device.untrusted'),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      <div className="ui-actions">
        <Button
          kind="quiet"
          aria-label={t('device.renameOne', { name: device.name })}
          onClick={() => model.startRenaming(device.id)}
        >
          {t('device.rename')}
        </Button>
        {!device.current && (
          <Button
            kind="quiet"
            aria-label={t('device.signOutOne', { name: device.name })}
            onClick={() => model.startLeaving([device.id])}
          >
            {t('device.signOut')}
          </Button>
        )}
      </div>
    </li>
  );
}

/** One's devices: which they are, and the way to be rid of one that was lost. */
export function DevicesPart({ account }: { account: Account }): ReactElement {
  const { t } = useText();
  const model = useMemo(() => new DevicesModel(account), [account]);
  useEffect(() => void model.load(), [model]);
  const { devices, leaving, busy, failure } = useLive(model.state);
  const others = devices?.filter((device) => !device.current).map((device) => device.id) ?? [];
  const names = devices?.filter((device) => leaving.includes(device.id)).map((device) => device.name) ?? [];
  return (
    <>
      {failure && leaving.length === 0 && (
        <FailureNotice failure={failure}>
          <Button onClick={() => void model.load()}>{t('app.retry')}</Button>
        </FailureNotice>
      )}
      {!devices && !failure && <Waiting>{t('device.looking')}</Waiting>}
      <ul className="settings__devices">
        {devices?.map((device) => (
          <Row key={device.id} device={device} model={model} />
        ))}
      </ul>
      {others.length > 1 && (
        <div className="ui-actions">
          <Button onClick={() => model.startLeaving(others)}>{t('device.signOutOthers')}</Button>
        </div>
      )}
      {leaving.length > 0 && (
        <PasswordDialog
          title={t('device.signOutTitle', { count: leaving.length, name: names[0] ?? '' })}
          action={t('device.signOut')}
          busy={busy}
          failure={failure}
          onPassword={(password) => model.signOut(password)}
          onClose={() => model.startLeaving([])}
        >
          <p>{t('device.signOutText')}</p>
        </PasswordDialog>
      )}
    </>
  );
}
