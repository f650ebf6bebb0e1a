// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, type ReactNode, useState } from 'react';
import type { Session } from '../core/session.ts';
import { Export } from '../features/export/Export.tsx';
import { LegalLinks } from '../features/LegalLinks.tsx';
import type { DeviceModel } from '../features/notifications/DeviceModel.ts';
import { NotificationsPart } from '../features/notifications/NotificationsPart.tsx';
import { InstallPart } from '../features/offline/InstallPart.tsx';
import { SessionSignOut } from '../features/safety/SignOut.tsx';
import { CloseAccount } from '../features/settings/CloseAccount.tsx';
import { DevicesPart } from '../features/settings/DevicesPart.tsx';
import { PasswordPart } from '../features/settings/PasswordPart.tsx';
import { ProfilePart } from '../features/settings/ProfilePart.tsx';
import type { Key } from '../i18n/text.ts';
import { useText } from '../i18n/TextContext.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import type { AppModel } from './AppModel.ts';
import type { Device } from './Device.ts';
import { diagnostic, surroundings } from './diagnostic.ts';
import { LookControls } from './LookControls.tsx';
import type { Preferences } from './preferences.ts';
import { hrefOf } from './route.ts';
import '../features/settings/settings.css';

interface Props {
  model: AppModel;
  session: Session;
  preferences: Preferences;
  device: Device;
  notifying: DeviceModel;
  onHelp: () => void;
}

/** In the order of the page; each has words for its title. */
const PARTS = {
  profile: 'settings.profile',
  look: 'settings.look',
  notifications: 'settings.notifications',
  install: 'install.title',
  devices: 'settings.devices',
  password: 'settings.password',
  mine: 'settings.mine',
  help: 'settings.help',
  account: 'settings.account',
} as const satisfies Record<string, Key>;
type PartName = keyof typeof PARTS;

const titleOf = (name: PartName): string => `settings-${name}`;

function Part({ name, children }: { name: PartName; children: ReactNode }): ReactElement {
  const { t } = useText();
  return (
    <section className="settings__part" aria-labelledby={titleOf(name)}>
      <h2 id={titleOf(name)} tabIndex={-1}>
        {t(PARTS[name])}
      </h2>
      {children}
    </section>
  );
}

/** What there is, and the way to it: addresses of the page are those of its screens. */
function Summary(): ReactElement {
  const { t } = useText();
  return (
    <nav aria-label={t('settings.summary')}>
      <ul className="settings__summary">
        {(Object.keys(PARTS) as PartName[]).map((name) => (
          <li key={name}>
            <Button kind="quiet" onClick={() => document.getElementById(titleOf(name))?.focus()}>
              {t(PARTS[name])}
            </Button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Diagnostic({ session, preferences }: Pick<Props, 'session' | 'preferences'>): ReactElement {
  const { t } = useText();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(diagnostic(session, preferences, await surroundings()));
    setCopied(true);
  };
  return (
    <div>
      <p className="settings__hint">{t('settings.diagnosticText')}</p>
      <div className="ui-actions">
        <Button icon="copy" onClick={() => void copy()}>
          {t('settings.diagnostic')}
        </Button>
        <p role="status">{copied && t('settings.diagnosticDone')}</p>
      </div>
    </div>
  );
}

/** All conversations one is in, into one file. */
function Mine({ session }: { session: Session }): ReactElement {
  const { t } = useText();
  const [ids, setIds] = useState<readonly string[]>();
  const joined = () =>
    session.rooms.list.get().filter((room) => room.membership === 'join' && room.kind !== 'space');
  return (
    <div className="ui-actions">
      <Button icon="download" onClick={() => setIds(joined().map((room) => room.id))}>
        {t('settings.export')}
      </Button>
      {ids && <Export rooms={session.rooms} ids={ids} onClose={() => setIds(undefined)} />}
    </div>
  );
}

export function Settings({ model, session, preferences, device, notifying, onHelp }: Props): ReactElement {
  const { t } = useText();
  const leave = () => void model.signOut();
  return (
    <div className="settings">
      <a className="ui-btn ui-btn--quiet house__back" href={hrefOf({ at: 'rooms' })}>
        <Icon name="back" />
        {t('nav.rooms')}
      </a>
      <h1 tabIndex={-1}>{t('nav.settings')}</h1>
      <Summary />
      <Part name="profile">
        <ProfilePart session={session} />
      </Part>
      <Part name="look">
        <LookControls preferences={preferences} withSize />
        <p className="settings__hint">{t('settings.atOnce')}</p>
      </Part>
      <Part name="notifications">
        <NotificationsPart
          session={session}
          device={notifying}
          notices={device.notices}
          choices={device.choices}
        />
      </Part>
      <Part name="install">
        <InstallPart model={device.install} />
      </Part>
      <Part name="devices">
        <DevicesPart account={session.account} />
      </Part>
      <Part name="password">
        <PasswordPart account={session.account} />
      </Part>
      <Part name="mine">
        <Mine session={session} />
      </Part>
      <Part name="help">
        <div className="ui-actions">
          <Button onClick={onHelp}>{t('keys.show')}</Button>
        </div>
        <Diagnostic session={session} preferences={preferences} />
        <LegalLinks />
      </Part>
      <Part name="account">
        <div className="ui-actions">
          <SessionSignOut session={session} onSignOut={leave} />
          <CloseAccount session={session} onClosed={leave} />
        </div>
      </Part>
    </div>
  );
}
