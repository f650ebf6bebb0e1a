// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Lock } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';

interface Props {
  count: number;
  lock: Lock;
  /** Undefined: this device has been let in. */
  onUnlock: (() => void) | undefined;
}

/** On a device that has not been let in, the code opens what was kept from it; on one that has been, what is
 * still closed was sent before. */
export function LockedRow({ count, lock, onUnlock }: Props): ReactElement {
  const { t } = useText();
  const byCode = lock === 'device' || lock === 'withheld';
  const why = !byCode ? lock : onUnlock ? 'device' : lock === 'withheld' ? 'never' : 'waiting';
  return (
    <li className="talk__locked">
      <p>{t('talk.locked', { count })}</p>
      <p className="talk__aside">{t(`talk.lock.${why}`)}</p>
      {byCode && onUnlock && (
        <Button kind="quiet" onClick={onUnlock}>
          {t('talk.lock.unlock')}
        </Button>
      )}
    </li>
  );
}
