// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../i18n/TextContext.ts';
import { Select } from '../ui/Select.tsx';
import { useLive } from '../ui/useLive.ts';
import { LOOKS, type Preferences } from './preferences.ts';

/** Appearance and language, also before signing in. */
export function LookControls({ preferences }: { preferences: Preferences }): ReactElement {
  const { t } = useText();
  const { look, language } = useLive(preferences.choices);
  return (
    <div className="look">
      <Select
        label={t('look.label')}
        value={look}
        options={LOOKS.map((value) => ({ value, label: t(`look.${value}`) }))}
        onValue={(value) => preferences.setLook(value)}
      />
      <Select
        label={t('lang.label')}
        value={language}
        options={[
          { value: 'fr', label: t('lang.fr') },
          { value: 'en', label: t('lang.en') },
        ]}
        onValue={(value) => preferences.setLanguage(value)}
      />
    </div>
  );
}
