// SPDX-License-Identifier: EUPL-1.2
import type { Failure } from '../core/failure.ts';
import type { FirstKey, Text } from './text.ts';

export type Place = 'signIn' | 'signUp' | 'reset' | 'restart' | 'password';

/** What happened and what to do; a code without words of its own says that it is unforeseen. */
export function failureText(text: Text<FirstKey>, failure: Failure, place?: Place): string {
  const wanted = [
    `error.${failure.code}.${failure.reason}`,
    `reason.${failure.reason}`,
    `error.${place}.${failure.code}`,
    `error.${failure.code}`,
  ];
  const found = wanted.map((name) => text.find(name)).find((words) => words !== undefined);
  return found ?? text.t('error.UNEXPECTED');
}

/** What one dictates to support: no content, no identifier. */
export function failureCode(failure: Failure): string {
  return failure.status ? `${failure.code}-${failure.status}` : failure.code;
}
