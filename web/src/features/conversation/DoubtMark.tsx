// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Doubt } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Icon } from '../../ui/Icon.tsx';

/** A word or two under a message that is not what one takes it for, and what they mean for who opens them. */
export function DoubtMark({ doubt }: { doubt: Doubt }): ReactElement {
  const { t } = useText();
  return (
    <details className="talk__doubt">
      <summary>
        <Icon name="warning" /> {t(`doubt.${doubt}`)}
      </summary>
      <p>{t(`doubt.${doubt}.text`)}</p>
    </details>
  );
}
