// SPDX-License-Identifier: EUPL-1.2
// The words of what cannot be drawn, so that one thing that somebody sent never blanks the page.
import type { ReactElement, ReactNode } from 'react';
import { useFirstText } from '../i18n/FirstText.ts';
import { Boundary } from '../ui/Boundary.tsx';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Panel } from '../ui/Panel.tsx';

interface Props {
  /** What is drawn: when it is another, it is tried again. */
  of: unknown;
  children: ReactNode;
}

function BrokenRow(): ReactElement {
  const { t } = useFirstText();
  return (
    <li>
      <p className="ui-broken">{t('broken.row')}</p>
    </li>
  );
}

/** One of a list. */
export function GuardedRow({ of, children }: Props): ReactElement {
  return (
    <Boundary of={of} renderInstead={() => <BrokenRow />}>
      {children}
    </Boundary>
  );
}

function BrokenPart({ onAgain, backHref }: { onAgain: () => void; backHref?: string | undefined }) {
  const { t } = useFirstText();
  return (
    <Notice kind="error" title={t('broken.title')} announced>
      <p>{t('broken.text')}</p>
      <p className="ui-actions">
        <Button onClick={onAgain}>{t('app.retry')}</Button>
        {/* A part of the program that could not be fetched comes with the page alone. */}
        <Button onClick={() => window.location.reload()}>{t('broken.reload')}</Button>
        {backHref && <a href={backHref}>{t('broken.back')}</a>}
      </p>
    </Notice>
  );
}

/** A part of the screen, or all of it. `backHref`: where one can go on. */
export function GuardedPart({ of, backHref, children }: Props & { backHref?: string }): ReactElement {
  return (
    <Boundary of={of} renderInstead={(again) => <BrokenPart onAgain={again} backHref={backHref} />}>
      {children}
    </Boundary>
  );
}

/** What stands at the side, and can be closed. */
export function GuardedPanel({ of, onClose, children }: Props & { onClose: () => void }): ReactElement {
  const { t } = useFirstText();
  return (
    <Boundary
      of={of}
      renderInstead={(again) => (
        <Panel title={t('broken.title')} closeLabel={t('app.close')} onClose={onClose}>
          <BrokenPart onAgain={again} />
        </Panel>
      )}
    >
      {children}
    </Boundary>
  );
}
