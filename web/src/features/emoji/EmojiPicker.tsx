// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { EmojiModel } from './EmojiModel.ts';
import './emoji.css';

interface Props {
  onChoose: (symbol: string) => void;
  onClose: () => void;
}

export function EmojiPicker({ onChoose, onClose }: Props): ReactElement {
  const { t, language } = useText();
  const model = useMemo(() => new EmojiModel(), []);
  useEffect(() => void model.load(language), [model, language]);
  const { search, shown, failure } = useLive(model.state);
  return (
    <Dialog title={t('emoji.title')} closeLabel={t('app.close')} onClose={onClose}>
      <Field
        label={t('emoji.search')}
        type="search"
        autoComplete="off"
        value={search}
        onValue={(value) => model.setSearch(value)}
      />
      {failure && (
        <FailureNotice failure={failure}>
          <Button onClick={() => void model.load(language)}>{t('app.retry')}</Button>
        </FailureNotice>
      )}
      {!shown && !failure && <Waiting>{t('emoji.looking')}</Waiting>}
      <p className="emoji__said" role="status">
        {shown?.length === 0 && t('emoji.none')}
      </p>
      <ul className="emoji">
        {shown?.map(({ symbol, name }) => (
          <li key={symbol}>
            <button
              type="button"
              className="emoji__one"
              aria-label={name}
              title={name}
              onClick={() => onChoose(symbol)}
            >
              {symbol}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
