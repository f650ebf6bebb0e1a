// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { InstallModel } from './InstallModel.ts';

/** What installing means, and the browser's own question where it lets us ask it. */
export function InstallPart({ model }: { model: InstallModel }): ReactElement {
  const { t } = useText();
  const at = useLive(model.state);
  return (
    <>
      <p>{t('install.text')}</p>
      {at === 'offered' && (
        <div className="ui-actions">
          <Button icon="download" onClick={() => void model.install()}>
            {t('install.button')}
          </Button>
        </div>
      )}
      <p role="status" className="settings__hint">
        {at === 'installed' && t('install.done')}
        {at === 'none' && t('install.how')}
      </p>
    </>
  );
}
