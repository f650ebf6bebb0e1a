// SPDX-License-Identifier: EUPL-1.2
// The words of the first screen, and of what it shares with the others.
import { createContext, useContext } from 'react';
import { first as fr } from './fr/first.ts';
import { type FirstKey, Text } from './text.ts';

export const FirstTextContext = createContext(new Text<FirstKey>('fr', fr));
export const useFirstText = (): Text<FirstKey> => useContext(FirstTextContext);
