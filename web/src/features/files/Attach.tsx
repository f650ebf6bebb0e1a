// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, Suspense, useCallback, useRef } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { AttachModel } from './AttachModel.ts';
import { useDrop } from './useDrop.ts';

const AttachTray = lazy(() => import('./AttachTray.tsx').then((module) => ({ default: module.AttachTray })));

interface Props {
  model: AttachModel;
  onDone: () => void;
}

/** The door for files: beside where one types, what is dropped around it, and what becomes of them. */
export function Attach({ model, onDone }: Props): ReactElement {
  const { t } = useText();
  const { chosen, said } = useLive(model.state);
  const here = useRef<HTMLDivElement>(null);
  const onFiles = useCallback((files: FileList) => void model.add(files), [model]);
  const over = useDrop(here, onFiles);
  return (
    <div ref={here} className="compose__attach">
      {over && <p className="compose__drop">{t('attach.drop')}</p>}
      <p className="ui-hidden" role="status">
        {said && t(`attach.said.${said.what}`, { name: said.name })}
      </p>
      {chosen.length > 0 && (
        <Suspense>
          <AttachTray model={model} onDone={onDone} />
        </Suspense>
      )}
    </div>
  );
}

/** The same for who has no mouse. */
export function AttachButton({ model }: { model: AttachModel }): ReactElement {
  const { t } = useText();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t('attach.choose')}
        onChange={(event) => {
          if (event.target.files) void model.add([...event.target.files]);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
      <Button
        className="compose__clip"
        kind="quiet"
        icon="clip"
        iconOnly
        onClick={() => input.current?.click()}
      >
        {t('attach.choose')}
      </Button>
    </>
  );
}
