// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';
import { Select } from '../ui/Select.tsx';
import { useLive } from '../ui/useLive.ts';
import { LOOKS, type Preferences, SIZES } from './preferences.ts';

interface Props {
  preferences: Preferences;
  /** The size of the text too. */
  withSize?: boolean;
}

/** Appearance and language, also before signing in. */
export function LookControls({ preferences, withSize }: Props): ReactElement {
  const { t } = useFirstText();
  const { look, language, size } = useLive(preferences.choices);
  return (
    <div className="look">
      <Select
        label={t('look.label')}
        value={look}
        options={LOOKS.map((value) => ({ value, label: t(`look.${value}`) }))}
        onValue={(value) => preferences.setLook(value)}
      />
      {withSize && (
        <Select
          label={t('look.size')}
          value={size}
          options={SIZES.map((value) => ({ value, label: t(`look.size.${value}`) }))}
          onValue={(value) => preferences.setSize(value)}
        />
      )}
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
