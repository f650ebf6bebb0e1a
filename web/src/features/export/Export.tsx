// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import type { Rooms } from '../../core/rooms.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { saveText } from '../../ui/save.ts';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { ExportModel } from './ExportModel.ts';

interface Props {
  rooms: Rooms;
  /** One conversation, or all of one's own. */
  ids: readonly string[];
  onClose: () => void;
}

export function Export({ rooms, ids, onClose }: Props): ReactElement {
  const text = useText();
  const { t } = text;
  const model = useMemo(() => new ExportModel(rooms, ids), [rooms, ids]);
  useEffect(() => () => model.stop(), [model]);
  const { format, count, done, failure } = useLive(model.state);
  const busy = count !== undefined;
  const run = async () => {
    const file = await model.run(text);
    if (file === undefined) return;
    const [type, ending] = format === 'html' ? ['text/html', 'html'] : ['text/plain', 'txt'];
    saveText(`${t('export.file')}.${ending}`, type, file);
  };
  return (
    <Dialog title={t('export.title', { count: ids.length })} closeLabel={t('app.close')} onClose={onClose}>
      <p>{t('export.text')}</p>
      <Notice kind="warning">{t('export.careful')}</Notice>
      {failure && <FailureNotice failure={failure} />}
      {done && (
        <Notice kind="good" announced>
          {t('export.done')}
        </Notice>
      )}
      <Choice
        legend={t('export.format')}
        value={format}
        onValue={(value) => model.setFormat(value)}
        options={[
          { value: 'html', label: t('export.html') },
          { value: 'text', label: t('export.plain') },
        ]}
      />
      {busy && <Waiting>{t('export.busy', { count })}</Waiting>}
      <div className="ui-actions">
        <Button kind="primary" icon="download" busy={busy} onClick={() => void run()}>
          {t('export.submit')}
        </Button>
        <Button onClick={onClose}>{t('app.close')}</Button>
      </div>
    </Dialog>
  );
}
