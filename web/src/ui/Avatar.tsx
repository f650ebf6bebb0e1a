// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';

const TONES = 6;

/** Always the same tone for the same seed. */
function toneOf(seed: string): number {
  let sum = 0;
  for (const letter of seed) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % TONES;
}

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => /^[\p{Letter}\d]/u.test(word));
  const [first = '', second = ''] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return `${[...first][0] ?? '?'}${[...second][0] ?? ''}`.toUpperCase();
}

interface Props {
  name: string;
  seed: string;
  square?: boolean;
  small?: boolean;
  large?: boolean;
  /** A picture in the place of the letters. */
  src?: string | undefined;
}

/** Decoration: the name stands beside it. */
export function Avatar({ name, seed, square, small, large, src }: Props): ReactElement {
  return (
    <span
      className="ui-avatar"
      data-tone={toneOf(seed)}
      data-square={square || undefined}
      data-small={small || undefined}
      data-large={large || undefined}
      aria-hidden="true"
    >
      {src ? <img src={src} alt="" /> : initials(name)}
    </span>
  );
}
