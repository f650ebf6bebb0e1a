// SPDX-License-Identifier: EUPL-1.2
// All words: of the screens that are loaded once one is in. Those before have FirstText.ts.
import { createContext, useContext } from 'react';
import type { Text } from './text.ts';

export const TextContext = createContext<Text | undefined>(undefined);

export function useText(): Text {
  const text = useContext(TextContext);
  if (!text) throw new Error('a screen stands outside of app/Worded.tsx');
  return text;
}
