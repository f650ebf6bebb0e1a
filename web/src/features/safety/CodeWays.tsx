// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useState } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { saveText } from '../../ui/save.ts';
import { ToManager } from './ToManager.tsx';
import './safety.css';

interface Props {
  code: string;
  userId: string;
}

/** The code, and ways of keeping it. */
export function CodeWays({ code, userId }: Props): ReactElement {
  const { t } = useText();
  const [said, setSaid] = useState<'code.copied' | 'code.managerSaid'>();
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setSaid('code.copied');
  };
  return (
    <>
      <p className="safety__code" translate="no" aria-label={t('code.label')} role="group">
        {code.split(' ').map((part, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- parts of one code never move
          <span key={i}>{part} </span>
        ))}
      </p>
      <div className="ui-actions safety__ways">
        <Button icon="copy" onClick={() => void copy()}>
          {t('code.copy')}
        </Button>
        <Button
          icon="download"
          onClick={() => saveText(t('code.file'), 'text/plain', t('code.fileText', { user: userId, code }))}
        >
          {t('code.download')}
        </Button>
        <Button icon="print" onClick={() => window.print()}>
          {t('code.print')}
        </Button>
        <ToManager code={code} userId={userId} onGiven={() => setSaid('code.managerSaid')} />
      </div>
      <p className="safety__said" role="status">
        {said && t(said)}
      </p>
    </>
  );
}
