// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useId } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLivePart } from '../../ui/useLive.ts';
import { AttachButton } from '../files/Attach.tsx';
import type { ConversationModel } from './ConversationModel.ts';

interface Props {
  model: ConversationModel;
  onSymbol: () => void;
  /** Puts marks around what is selected. */
  onFormat: (before: string, after: string) => void;
}

/** The letters are those of the language, as in an office program. */
function Marks({ id, onFormat }: { id: string } & Pick<Props, 'onFormat'>): ReactElement {
  const { t } = useText();
  return (
    <div className="compose__marks" id={id} role="group" aria-label={t('compose.format')}>
      {(['bold', 'italic'] as const).map((name) => (
        <Button
          key={name}
          kind="quiet"
          className={`ui-btn--icon compose__letter compose__letter--${name}`}
          aria-label={t(`compose.${name}`)}
          title={t(`compose.${name}`)}
          onClick={() => (name === 'bold' ? onFormat('**', '**') : onFormat('_', '_'))}
        >
          {t(`compose.${name}Letter`)}
        </Button>
      ))}
      <Button kind="quiet" icon="list" iconOnly onClick={() => onFormat('- ', '')}>
        {t('compose.list')}
      </Button>
      <Button kind="quiet" icon="quote" iconOnly onClick={() => onFormat('> ', '')}>
        {t('compose.quote')}
      </Button>
    </div>
  );
}

/** What else goes into a message than what is typed: what is most used first, the layout when asked for. */
export function ComposeTools({ model, onSymbol, onFormat }: Props): ReactElement {
  const { t } = useText();
  const id = useId();
  const open = useLivePart(model.state, ({ layout }) => layout);
  return (
    <>
      <AttachButton model={model.attach} />
      <Button className="compose__symbol" kind="quiet" icon="react" iconOnly onClick={onSymbol}>
        {t('compose.emoji')}
      </Button>
      <Button
        className="compose__mic"
        kind="quiet"
        icon="mic"
        iconOnly
        onClick={() => void model.voice.start()}
      >
        {t('voice.record')}
      </Button>
      <div className="compose__formats">
        <button
          type="button"
          className="ui-btn ui-btn--quiet compose__format fr-btn fr-btn--tertiary-no-outline"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          title={t('compose.format')}
          onClick={() => model.showLayout(!open)}
        >
          <span className="compose__aa" aria-hidden="true">
            Aa
          </span>
          <span className="compose__word">{t('compose.format')}</span>
        </button>
        {open && <Marks id={id} onFormat={onFormat} />}
      </div>
    </>
  );
}
