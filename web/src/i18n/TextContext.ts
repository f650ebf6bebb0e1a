// SPDX-License-Identifier: EUPL-1.2
import { createContext, useContext } from 'react';
import { Text } from './text.ts';

export const TextContext = createContext(new Text('fr'));
export const useText = (): Text => useContext(TextContext);
