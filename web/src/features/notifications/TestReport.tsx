// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { type DeviceModel, type Link, LINKS, type TestState } from './DeviceModel.ts';

/** Why the link does not hold, where the server has not said it with a failure of its own. */
function reasonOf({ faulty, outcome }: TestState): Key | undefined {
  if (faulty === 'server') return outcome && `notify.fault.${outcome}`;
  return faulty && `notify.fault.${faulty}`;
}

type Standing = 'held' | 'faulty' | 'notReached';
const ICONS: Record<Standing, IconName> = { held: 'check', faulty: 'close', notReached: 'more' };

function standingOf(link: Link, { held, faulty }: TestState): Standing {
  if (held.includes(link)) return 'held';
  return link === faulty ? 'faulty' : 'notReached';
}

/** Each link between a message and its notification, and whether it holds: in words, not by colour. */
function Links({ state }: { state: TestState }): ReactElement {
  const { t } = useText();
  return (
    <ol className="notify__links">
      {LINKS.map((link) => {
        const standing = standingOf(link, state);
        return (
          <li key={link} data-standing={standing}>
            <Icon name={ICONS[standing]} />
            <span>{t(`notify.link.${link}`)}</span>{' '}
            <span className="notify__standing">{t(`notify.${standing}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** [UX-14] « Recevoir un test ». */
export function TestReport({ device }: { device: DeviceModel }): ReactElement {
  const { t } = useText();
  const state = useLive(device.test);
  const reason = reasonOf(state);
  return (
    <>
      <div>
        <div className="ui-actions">
          <Button busy={state.at === 'running'} onClick={() => void device.runTest()}>
            {t('notify.test')}
          </Button>
          <p role="status">{state.at === 'running' && t('notify.testing')}</p>
        </div>
        <p className="settings__hint">{t('notify.testText')}</p>
      </div>
      {state.at === 'passed' && (
        <Notice kind="good" announced>
          {t('notify.testPassed')}
        </Notice>
      )}
      {state.at === 'failed' && !state.failure && (
        <Notice kind="error" announced title={t('notify.testFailed')}>
          {reason && t(reason)}
        </Notice>
      )}
      {state.failure && <FailureNotice failure={state.failure} />}
      {state.at !== 'idle' && <Links state={state} />}
    </>
  );
}
