// SPDX-License-Identifier: EUPL-1.2
import { lazy, type ReactElement, type RefObject, Suspense, useId } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive, useLivePart } from '../../ui/useLive.ts';
import { Attach } from '../files/Attach.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { ComposeTools } from './ComposeTools.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { ReadersNote } from './ReadersNote.tsx';
import { TextBox } from './TextBox.tsx';
import { TrustNote } from './TrustNote.tsx';

const VoiceBar = lazy(() => import('../voice/VoiceBar.tsx').then((module) => ({ default: module.VoiceBar })));

interface Props {
  model: ConversationModel;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Asks for a symbol, and gives it to what it is told. */
  onEmoji: (choose: (symbol: string) => void) => void;
}

function putCaret(box: HTMLTextAreaElement | null, caret: number): void {
  requestAnimationFrame(() => {
    box?.focus();
    box?.setSelectionRange(caret, caret);
  });
}

/** What is answered or changed, and the way out of it. */
function Target({ model }: Pick<Props, 'model'>): ReactElement | null {
  const { t } = useText();
  const replyTo = useLivePart(model.state, (state) => state.replyTo);
  const editing = useLivePart(model.state, (state) => state.editing);
  if (!replyTo && !editing) return null;
  return (
    <p className="compose__to" role="status">
      <span>
        {editing
          ? t('compose.editing')
          : replyTo?.mine
            ? t('compose.replyingYou')
            : t('compose.replying', { name: replyTo?.sender.name ?? '' })}
      </span>
      <Button kind="quiet" icon="close" iconOnly onClick={() => void model.cancel()}>
        {t('compose.cancel')}
      </Button>
    </p>
  );
}

/** Of what one types, only whether there is any: a key draws the box alone. */
export function Composer({ model, box, onEmoji }: Props): ReactElement {
  const { t } = useText();
  const id = useId();
  const failure = useLivePart(model.state, (state) => state.failure);
  const empty = useLivePart(model.state, (state) => state.text.trim() === '');
  const voice = useLive(model.voice.state);

  const format = (before: string, after: string) => {
    const { text } = model.state.get();
    const { selectionStart: from = 0, selectionEnd: to = 0 } = box.current ?? {};
    const caret = to + before.length;
    model.type(text.slice(0, from) + before + text.slice(from, to) + after + text.slice(to), caret);
    putCaret(box.current, caret);
  };
  const symbol = () => {
    const at = box.current?.selectionStart ?? model.state.get().text.length;
    onEmoji((chosen) => putCaret(box.current, model.insert(chosen, at)));
  };
  return (
    <>
      <Attach model={model.attach} onDone={() => box.current?.focus()} />
      {(voice.at !== 'idle' || voice.failure) && (
        <Suspense>
          <VoiceBar model={model.voice} onDone={() => box.current?.focus()} />
        </Suspense>
      )}
      <form
        className="compose"
        data-zone
        data-empty={empty || undefined}
        onSubmit={(event) => {
          event.preventDefault();
          // On a phone the button goes away with the text.
          box.current?.focus();
          void model.submit();
        }}
      >
        {failure && <FailureNotice failure={failure} />}
        <TrustNote model={model} onDone={() => box.current?.focus()} />
        <ReadersNote room={model.room} />
        <Target model={model} />
        <TextBox model={model} box={box} id={id}>
          <div className="compose__foot">
            <ComposeTools model={model} onSymbol={symbol} onFormat={format} />
            <p className="compose__hint" id={`${id}-hint`}>
              {t('compose.hint')}
            </p>
          </div>
        </TextBox>
      </form>
    </>
  );
}
