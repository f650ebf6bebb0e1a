// SPDX-License-Identifier: EUPL-1.2
// A part of its own: the patterns of Unicode that it is made of cost the fifth part of the processor's time
// until a later visit shows something. Neither reading nor most of what is written needs it.
import { marked } from 'marked';

export const htmlOf = (source: string): string =>
  marked.parse(source, { async: false, gfm: true, breaks: true }).trim();
