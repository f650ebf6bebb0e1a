// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useId } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import type { AttachModel, Chosen } from './AttachModel.ts';
import { sizeText } from './size.ts';
import { useBlobUrl } from './useBlobUrl.ts';
import './files.css';

interface Props {
  model: AttachModel;
  /** Puts the focus where one types. */
  onDone: () => void;
}

function Row({ one, model, onDone }: Props & { one: Chosen }): ReactElement {
  const text = useText();
  const { t } = text;
  const { limit } = useLive(model.state);
  const { id, name, bytes, state, progress } = one;
  const picture = useBlobUrl(one.picture && state !== 'tooLarge' ? bytes : undefined);
  const percent = Math.round(progress * 100);
  const words = { name, size: sizeText(text, bytes.size), limit: sizeText(text, limit ?? 0) };
  const onTheWay = state === 'sending' || state === 'waiting';
  return (
    <li className="attach__file">
      {picture ? <img className="attach__picture" src={picture} alt="" /> : <Icon name="clip" />}
      <div className="attach__words">
        <p className="file__name">
          <span>{name}</span> <span className="file__size">{words.size}</span>
        </p>
        {state === 'tooLarge' && <p className="attach__refused">{t('attach.tooLargeFor', words)}</p>}
        {one.kept === 'no' && <p className="attach__refused">{t('attach.notKept')}</p>}
        {one.picture && state === 'ready' && (
          <Field
            label={t('attach.description', { name })}
            hint={t('attach.descriptionHint')}
            value={one.description}
            maxLength={1000}
            onValue={(value) => model.describe(id, value)}
          />
        )}
        {onTheWay && (
          <p className="attach__progress">
            <progress aria-label={t('attach.progress', { name })} max={100} value={percent} />{' '}
            {state === 'waiting' ? t('attach.waiting') : t('attach.percent', { percent })}
          </p>
        )}
        {one.failure && state === 'failed' && <FailureNotice failure={one.failure} />}
      </div>
      {state === 'failed' &&
        (one.failure?.code === 'KEEPS_NOTES' ? (
          <Button onClick={() => model.sendAsIs(id)}>{t('attach.asIs', { name })}</Button>
        ) : (
          <Button onClick={() => model.retry(id)}>{t('attach.retry', { name })}</Button>
        ))}
      <Button
        kind="quiet"
        icon="close"
        iconOnly
        onClick={() => {
          if (onTheWay) model.cancel(id);
          else model.remove(id);
          onDone();
        }}
      >
        {t(onTheWay ? 'attach.cancel' : 'attach.remove', { name })}
      </Button>
    </li>
  );
}

/** What was chosen, before it leaves: to be looked at, described, taken out; and how far it is. */
export function AttachTray({ model, onDone }: Props): ReactElement | null {
  const { t } = useText();
  const id = useId();
  const { chosen } = useLive(model.state);
  const ready = chosen.filter((one) => one.state === 'ready').length;
  const leaving = chosen.filter((one) => one.state !== 'tooLarge');
  const moving = leaving.some((one) => one.state === 'sending' || one.state === 'waiting');
  const allKept = leaving.length > 0 && leaving.every((one) => typeof one.kept === 'number');
  if (chosen.length === 0) return null;
  return (
    <form
      className="attach"
      aria-labelledby={id}
      onSubmit={(event) => {
        event.preventDefault();
        model.send();
        onDone();
      }}
    >
      <h3 id={id} className="attach__title">
        {t('attach.title', { count: chosen.length })}
      </h3>
      <ul>
        {chosen.map((one) => (
          <Row key={one.id} one={one} model={model} onDone={onDone} />
        ))}
      </ul>
      {moving && <p className="attach__note">{t('attach.keepOpen')}</p>}
      {allKept && !moving && <p className="attach__note">{t('attach.kept', { count: leaving.length })}</p>}
      {ready > 0 && (
        <Button type="submit" kind="primary" icon="send">
          {t('attach.send', { count: ready })}
        </Button>
      )}
    </form>
  );
}
