// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, type ReactNode, use, useDeferredValue } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';
import { TextContext } from '../i18n/TextContext.ts';
import type { Texts } from '../i18n/Texts.ts';

/** Waits for all words of the language; when that changes, what is on the screen stays until they are there. */
export function Worded({ texts, children }: { texts: Texts; children: ReactNode }): ReactElement {
  const { language } = useFirstText();
  const text = use(texts.all(useDeferredValue(language)));
  return <TextContext value={text}>{children}</TextContext>;
}
