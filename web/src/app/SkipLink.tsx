// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';

/** The fragment of the address is ours (route.ts), so that the link moves the focus by itself. */
export function SkipLink(): ReactElement {
  const { t } = useFirstText();
  return (
    <a
      className="skip fr-skiplinks"
      href="#content"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}
    >
      {t('app.skip')}
    </a>
  );
}
