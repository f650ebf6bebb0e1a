// SPDX-License-Identifier: EUPL-1.2
import { useEffect } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';

/** What the tab of the browser, and a screen reader first, says of where one is. */
export function useTitle(place: string): void {
  const { t } = useFirstText();
  const title = place ? `${place} — ${t('app.name')}` : t('app.name');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
