// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { KEYS, type Shortcut, SHORTCUTS } from './shortcuts.ts';
import './keyboard.css';

interface Props {
  off: readonly Shortcut[];
  onOff: (off: readonly Shortcut[]) => void;
  onClose: () => void;
}

/** Where one writes: they act only there, and have no switch. */
const WRITING = ['send', 'line', 'edit', 'cancel', 'mention'] as const;

/** [UX-16] All keys, and a switch for those that act anywhere. */
export function KeyboardHelp({ off, onOff, onClose }: Props): ReactElement {
  const { t } = useText();
  return (
    <Dialog title={t('keys.title')} closeLabel={t('app.close')} onClose={onClose}>
      <h3>{t('keys.anywhere')}</h3>
      <ul className="keys">
        {SHORTCUTS.map((shortcut) => (
          <li key={shortcut} className="keys__one">
            <label className="ui-check">
              <input
                type="checkbox"
                checked={!off.includes(shortcut)}
                onChange={(event) =>
                  onOff(event.target.checked ? off.filter((one) => one !== shortcut) : [...off, shortcut])
                }
              />
              {t(`keys.${shortcut}`)}
            </label>
            <kbd>{KEYS[shortcut]}</kbd>
          </li>
        ))}
      </ul>
      <h3>{t('keys.writing')}</h3>
      <dl className="keys">
        {WRITING.map((key) => (
          <div key={key} className="keys__one">
            <dt>{t(`keys.${key}`)}</dt>
            <dd>
              <kbd>{t(`keys.${key}.key`)}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
