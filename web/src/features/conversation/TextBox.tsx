// SPDX-License-Identifier: EUPL-1.2
import type { ClipboardEvent, KeyboardEvent, ReactElement, ReactNode, RefObject } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { ConversationModel } from './ConversationModel.ts';
import { Suggestions } from './Suggestions.tsx';

interface Props {
  model: ConversationModel;
  box: RefObject<HTMLTextAreaElement | null>;
  id: string;
  /** Under it; not drawn with it. */
  children: ReactNode;
}

/** Where one types, and whom one may mean: all that is drawn at a key. */
export function TextBox({ model, box, id, children }: Props): ReactElement {
  const { t } = useText();
  const state = useLive(model.state);
  const { text, replyTo, editing, suggestions, chosen, sending } = state;
  const { name: room } = useLive(model.room.summary);
  const label = model.inThread ? t('compose.inThread') : t('compose.inRoom', { room });
  const open = suggestions.length > 0;

  const choose = (i: number) => {
    const member = suggestions[i];
    if (!member) return;
    const caret = model.mention(member, box.current?.selectionStart ?? text.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(caret, caret));
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
          aria-disabled={text.trim() === ''}
          busy={sending}
        >
          {t(editing ? 'compose.save' : 'compose.send')}
        </Button>
        {children}
      </div>
    </>
  );
}
