// SPDX-License-Identifier: EUPL-1.2
import {
  type ClipboardEvent,
  type KeyboardEvent,
  lazy,
  type ReactElement,
  type RefObject,
  Suspense,
  useId,
} from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Attach } from '../files/Attach.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { ComposeTools } from './ComposeTools.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { ExternNote } from './ExternNote.tsx';
import { Suggestions } from './Suggestions.tsx';
import { TrustNote } from './TrustNote.tsx';

const VoiceBar = lazy(() => import('../voice/VoiceBar.tsx').then((module) => ({ default: module.VoiceBar })));

interface Props {
  model: ConversationModel;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Asks for a symbol, and gives it to what it is told. */
  onEmoji: (choose: (symbol: string) => void) => void;
}

export function Composer({ model, box, onEmoji }: Props): ReactElement {
  const { t } = useText();
  const id = useId();
  const state = useLive(model.state);
  const { text, replyTo, editing, suggestions, chosen, sending, failure } = state;
  const voice = useLive(model.voice.state);
  const { name: room } = useLive(model.room.summary);
  const label = model.inThread ? t('compose.inThread') : t('compose.inRoom', { room });
  const empty = text.trim() === '';
  const open = suggestions.length > 0;

  const put = (next: string, caret: number) => {
    model.type(next, caret);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(caret, caret);
    });
  };
  const choose = (i: number) => {
    const member = suggestions[i];
    if (!member) return;
    const caret = model.mention(member, box.current?.selectionStart ?? text.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(caret, caret));
  };
  const format = (before: string, after: string) => {
    const { selectionStart: from = 0, selectionEnd: to = 0 } = box.current ?? {};
    put(text.slice(0, from) + before + text.slice(from, to) + after + text.slice(to), to + before.length);
  };
  const symbol = () => {
    const at = box.current?.selectionStart ?? text.length;
    onEmoji((chosen) => {
      const caret = model.insert(chosen, at);
      requestAnimationFrame(() => {
        box.current?.focus();
        box.current?.setSelectionRange(caret, caret);
      });
    });
  };
  const keys: Record<string, () => unknown> = open
    ? {
        ArrowDown: () => model.moveChoice(1),
        ArrowUp: () => model.moveChoice(-1),
        Enter: () => choose(chosen),
        Tab: () => choose(chosen),
        Escape: () => model.closeSuggestions(),
      }
    : {
        Enter: () => model.submit(),
        Escape: () => model.cancel(),
        ...(text === '' && !editing ? { ArrowUp: () => model.editLast() } : {}),
      };
  const onKeyDown = (event: KeyboardEvent) => {
    const action = keys[event.key];
    // A key that ends a composed letter (accents, other scripts) is not for us.
    if (!action || event.nativeEvent.isComposing || event.shiftKey) return;
    if (event.key === 'Escape' && !open && !replyTo && !editing) return;
    event.preventDefault();
    void action();
  };

  const onPaste = (event: ClipboardEvent) => {
    const { clipboardData } = event;
    // What an office program copies is text, with a picture of it.
    if (clipboardData.files.length === 0 || clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    void model.attach.add([...clipboardData.files]);
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
        <ExternNote room={model.room} />
        {(replyTo || editing) && (
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
        )}
        <Suggestions state={state} id={`${id}-names`} onChoose={choose} />
        <div className="compose__box">
          <label className="ui-hidden" htmlFor={`${id}-text`}>
            {label}
          </label>
          <textarea
            id={`${id}-text`}
            ref={box}
            className="compose__text"
            rows={1}
            placeholder={label}
            value={text}
            maxLength={20_000}
            readOnly={sending}
            aria-describedby={`${id}-hint`}
            aria-autocomplete="list"
            aria-controls={open ? `${id}-names` : undefined}
            aria-activedescendant={open ? `${id}-names-${chosen}` : undefined}
            onChange={(event) => model.type(event.target.value, event.target.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          <Button
            type="submit"
            kind="primary"
            icon="send"
            className="compose__send"
            aria-disabled={empty}
            busy={sending}
          >
            {t(editing ? 'compose.save' : 'compose.send')}
          </Button>
          <div className="compose__foot">
            <ComposeTools model={model} onSymbol={symbol} onFormat={format} />
            <p className="compose__hint" id={`${id}-hint`}>
              {t('compose.hint')}
            </p>
          </div>
        </div>
      </form>
    </>
  );
}
