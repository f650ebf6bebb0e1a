// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';
import type { Failure } from '../core/failure.ts';
import { failureCode, failureText, type Place } from '../i18n/failure-text.ts';
import { useFirstText } from '../i18n/FirstText.ts';
import { Notice } from '../ui/Notice.tsx';

interface Props {
  failure: Failure;
  place?: Place;
  children?: ReactNode;
}

/** A failure in words: what happened, what to do, and the code to dictate. */
export function FailureNotice({ failure, place, children }: Props): ReactElement {
  const text = useFirstText();
  return (
    <Notice kind="error" announced>
      <p>{failureText(text, failure, place)}</p>
      {children}
      <p className="ui-notice__code">{text.t('app.code', { code: failureCode(failure) })}</p>
    </Notice>
  );
}
