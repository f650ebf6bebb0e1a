// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useState } from 'react';
import type { Verdict, VerdictState } from '../../core/files.ts';
import type { Key } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';

const ICONS: Record<VerdictState, IconName> = {
  pending: 'more',
  clean: 'shield',
  infected: 'warning',
  not_scannable: 'warning',
  failed: 'warning',
  not_verified: 'shield',
  unreachable: 'warning',
  missing: 'warning',
};
const CAUSES: Record<string, Key> = {
  password: 'file.cause.password',
  size: 'file.cause.size',
  depth: 'file.cause.depth',
  time: 'file.cause.time',
  ciphertext: 'file.cause.ciphertext',
};

/** Within it, what is found belongs to what was just shown. */
const QUIET_MS = 1000;

/** What the antivirus says, in words, with a drawing: never by a colour alone. What becomes of it later is
 * read out. */
export function VerdictLine({ verdict }: { verdict: Verdict }): ReactElement {
  const { t } = useText();
  const [said, setSaid] = useState(false);
  useEffect(() => {
    const quiet = setTimeout(() => setSaid(true), QUIET_MS);
    return () => clearTimeout(quiet);
  }, []);
  const { state, cause } = verdict;
  const words = t(`file.state.${state}`);
  const why = state === 'not_scannable' && cause ? CAUSES[cause] : undefined;
  return (
    <p className="file__verdict" data-state={state} aria-live={said ? 'polite' : 'off'}>
      <Icon name={ICONS[state]} />
      <span>{why ? t('file.because', { words, why: t(why) }) : words}</span>
    </p>
  );
}
