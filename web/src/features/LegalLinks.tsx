// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';

/** Pages of the server, or of its operator, behind addresses that do not change (src/api/legal.c). */
const PAGES = {
  accessibility: '/legal/accessibility',
  notice: '/legal/notice',
  privacy: '/legal/privacy',
  terms: '/terms',
  help: '/legal/help',
} as const;

export function LegalLinks(): ReactElement {
  const { t, language } = useFirstText();
  return (
    <ul className="ui-links" aria-label={t('legal.label')}>
      {(Object.keys(PAGES) as (keyof typeof PAGES)[]).map((page) => (
        <li key={page}>
          <a href={`${PAGES[page]}?lang=${language}`} target="_blank" rel="noreferrer">
            {t(`legal.${page}`)}
          </a>
        </li>
      ))}
    </ul>
  );
}
