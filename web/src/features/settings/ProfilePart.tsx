// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Session } from '../../core/session.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attempt } from '../Attempt.ts';
import { OneFieldForm } from '../OneFieldForm.tsx';
import { ExternBadge } from '../PersonName.tsx';
import { Switch } from '../Switch.tsx';

function NameForm({ session }: { session: Session }): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const attempt = useMemo(() => new Attempt(), []);
  const { done } = useLive(attempt.state);
  return (
    <OneFieldForm
      className="settings__form"
      attempt={attempt}
      label={t('settings.name')}
      missing={t('settings.nameMissing')}
      submit={t('settings.nameSave')}
      initial={me.name}
      maxLength={100}
      autoComplete="name"
      onSubmit={(name) => session.rename(name)}
    >
      {done && (
        <Notice kind="good" announced>
          {t('settings.nameDone')}
        </Notice>
      )}
    </OneFieldForm>
  );
}

/** Who one is here; where the administration says so, it cannot be changed, and why is said. */
export function ProfilePart({ session }: { session: Session }): ReactElement {
  const { t } = useText();
  const me = useLive(session.me);
  const { renaming } = useLive(session.offers);
  const { hidden } = useLive(session.personal.state);
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    // Without it the line is left out: nothing else depends on it.
    void session.account.address().then(setAddress, () => {});
  }, [session]);
  return (
    <>
      <div className="settings__me">
        <Avatar large name={me.name} seed={me.userId} />
        <p className="settings__what">
          <strong>{me.name}</strong>
          {me.organisation && <span>{me.organisation}</span>}
          {me.external && (
            <span>
              <ExternBadge />
            </span>
          )}
        </p>
      </div>
      {address && (
        <dl className="settings__facts">
          <dt>{t('settings.address')}</dt>
          <dd>{address}</dd>
        </dl>
      )}
      {renaming ? (
        <NameForm session={session} />
      ) : (
        <p className="settings__hint">{t('settings.nameFixed')}</p>
      )}
      <details className="settings__technical">
        <summary>{t('settings.technical')}</summary>
        <dl className="settings__facts">
          <dt>{t('settings.user')}</dt>
          <dd>{me.userId.slice(1)}</dd>
        </dl>
      </details>
      {!renaming && !me.external && (
        <Switch
          label={t('settings.hidden')}
          hint={t('settings.hiddenText')}
          on={hidden}
          onChange={(on) => session.personal.setHidden(on)}
        />
      )}
    </>
  );
}
