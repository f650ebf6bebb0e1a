// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';
import { LegalLinks } from '../features/LegalLinks.tsx';
import { useFirstText } from '../i18n/FirstText.ts';
import { Mark } from '../ui/Mark.tsx';
import { LookControls } from './LookControls.tsx';
import type { Preferences } from './preferences.ts';
import { SkipLink } from './SkipLink.tsx';
import './porch.css';

interface Props {
  preferences: Preferences;
  /** Who runs the service. */
  operator?: string | undefined;
  children: ReactNode;
}

/** The frame of every screen before one is in: who we are on one side, what to do on the other. */
export function Porch({ preferences, operator, children }: Props): ReactElement {
  const { t } = useFirstText();
  return (
    <div className="porch">
      <SkipLink />
      <header className="porch__brand fr-header">
        <div className="porch__name">
          <Mark />
          <p>
            <span className="porch__product">{t('app.name')}</span>
            <span className="porch__tagline">{t('app.tagline')}</span>
          </p>
        </div>
        {operator && <p className="porch__operator">{t('app.operator', { organisation: operator })}</p>}
        <Semaphores />
      </header>
      <main className="porch__main" id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="porch__foot fr-footer">
        <LookControls preferences={preferences} />
        <LegalLinks />
      </footer>
    </div>
  );
}

/** Where the towers stand, the nearest first, no arm in reach of the next; and what their arms say. */
const TOWERS: [number, number, number, number][] = [
  [54, 0, -60, 60],
  [160, 45, 30, -75],
  [252, 90, 45, 45],
  [333, -30, 75, -20],
  [402, 15, -45, -45],
  [460, -60, 20, 80],
];

function Semaphores(): ReactElement {
  return (
    <svg
      className="porch__drawing"
      viewBox="0 20 490 300"
      preserveAspectRatio="xMinYMax meet"
      aria-hidden="true"
      focusable="false"
    >
      {TOWERS.map(([x, beam, left, right], i) => (
        <g key={beam} transform={`translate(${x} ${210 - i * 30}) scale(${1.25 - i * 0.13})`}>
          <path d="M0 80V0" opacity=".5" />
          <g transform={`rotate(${beam})`}>
            <path d="M-26 0H26" strokeWidth="4" />
            <path d="M-26 0v-18" transform={`rotate(${left} -26 0)`} strokeWidth="4" />
            <path d="M26 0v-18" transform={`rotate(${right} 26 0)`} strokeWidth="4" />
          </g>
        </g>
      ))}
    </svg>
  );
}
