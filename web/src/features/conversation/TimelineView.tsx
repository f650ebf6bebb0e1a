// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useCallback, useEffect, useMemo } from 'react';
import type { Change, Item, Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import { FailureNotice } from '../FailureNotice.tsx';
import { GuardedRow } from '../Guarded.tsx';
import type { ConversationModel } from './ConversationModel.ts';
import { sentenceOf } from './happenings.ts';
import { LockedRow } from './LockedRow.tsx';
import { type MessageActs, MessageView } from './MessageView.tsx';
import { type Row, rowsOf } from './rows.ts';
import { useNewMessages } from './useNewMessages.ts';
import { useScrolling } from './useScrolling.ts';
import { rowOf, showRow, useTarget } from './useTarget.ts';

/** Of more at once, only how many are said until one asks. */
const TOLD = 6;

function ChangesRow({ changes, direct }: { changes: readonly Change[]; direct: boolean }): ReactElement {
  const { t } = useText();
  const sentences = changes.map((change) => {
    const { what: _, ...rest } = change.happening;
    return <span key={change.id}>{t(sentenceOf(change, direct), { by: change.by, ...rest })}</span>;
  });
  if (sentences.length <= TOLD) return <li className="talk__change">{sentences}</li>;
  return (
    <li className="talk__change">
      <details>
        <summary>
          {sentences[0]} {t('change.more', { count: sentences.length - 1 })}
        </summary>
        {sentences.slice(1)}
      </details>
    </li>
  );
}

interface Props {
  model: ConversationModel;
  /** What it is called to who does not see it. */
  label: string;
  acts: MessageActs;
  onCompose: () => void;
  /** Undefined: this device has been let in. */
  onUnlock: (() => void) | undefined;
}

function RowView({
  row,
  props,
  onJump,
}: {
  row: Row;
  props: Props;
  onJump: (id: string) => void;
}): ReactElement {
  const text = useText();
  const { t } = text;
  switch (row.type) {
    case 'day':
      return (
        <li className="talk__day">
          <span>{text.day(row.at)}</span>
        </li>
      );
    case 'new':
      return <li className="talk__new">{t('talk.new')}</li>;
    case 'changes':
      return <ChangesRow changes={row.changes} direct={props.model.room.summary.get().kind === 'direct'} />;
    case 'locked':
      return <LockedRow count={row.count} lock={row.lock} onUnlock={props.onUnlock} />;
    case 'message':
      return (
        <MessageView
          message={row.message}
          named={row.named}
          model={props.model}
          acts={props.acts}
          onJump={onJump}
          onCompose={props.onCompose}
        />
      );
  }
}

function lastSeen(items: readonly Item[]): Message | undefined {
  return items.findLast((item): item is Message => item.type === 'message' && item.state === 'sent');
}

export function TimelineView(props: Props): ReactElement {
  const { model, label } = props;
  const text = useText();
  const { t } = text;
  const { timeline } = model;
  const hidden = useLive(model.undo.hidden);
  const blocked = useLive(model.blocked);
  const state = useLive(timeline.state);
  const { items, atStart, atEnd, loading, failure, readUpTo } = state;
  const shown = useMemo(
    () =>
      items.filter(
        (item) => !hidden.has(item.id) && !(item.type === 'message' && blocked.has(item.sender.id)),
      ),
    [items, hidden, blocked],
  );
  const rows = useMemo(() => rowsOf(shown, readUpTo), [shown, readUpTo]);
  const { box, far, onScroll, isAtEnd, stick } = useScrolling(items, atEnd);
  useTarget(model, stick);
  const said = useNewMessages(shown, atEnd && loading === 'no');
  const last = lastSeen(items);
  const lastId = last?.id;

  // Read is what stands at the end of a window that somebody looks at.
  const seen = useCallback(() => {
    if (lastId && atEnd && loading === 'no' && isAtEnd() && document.hasFocus()) model.seen();
  }, [lastId, atEnd, loading, model, isAtEnd]);
  useEffect(() => {
    seen();
    window.addEventListener('focus', seen);
    return () => window.removeEventListener('focus', seen);
  }, [seen]);

  const jump = useCallback(
    async (id: string) => {
      stick(false);
      if (!rowOf(model, id)) await timeline.load(id);
      requestAnimationFrame(() => {
        stick(false);
        showRow(model, id);
      });
    },
    [model, timeline, stick],
  );
  const toEnd = () => {
    stick(true);
    if (!atEnd) void timeline.load();
  };

  if (loading === 'first') return <Waiting>{t('talk.loading')}</Waiting>;
  return (
    <>
      <section
        className="talk"
        data-zone
        ref={box}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
        tabIndex={0}
        aria-label={label}
        onScroll={onScroll}
      >
        {failure && (
          <FailureNotice failure={failure}>
            <Button onClick={() => void timeline.load()}>{t('app.retry')}</Button>
          </FailureNotice>
        )}
        {atStart ? (
          <p className="talk__start">
            {items.length === 0 ? t('talk.empty') : !model.inThread && t('talk.start')}
          </p>
        ) : (
          <Button className="talk__more" busy={loading === 'back'} onClick={() => void timeline.back()}>
            {t(loading === 'back' ? 'talk.loading' : 'talk.older')}
          </Button>
        )}
        <ol className="talk__rows">
          {rows.map((row) => (
            <GuardedRow key={row.key} of={row}>
              <RowView row={row} props={props} onJump={jump} />
            </GuardedRow>
          ))}
        </ol>
        {!atEnd && (
          <Button className="talk__more" busy={loading === 'forward'} onClick={() => void timeline.forward()}>
            {t(loading === 'forward' ? 'talk.loading' : 'talk.newer')}
          </Button>
        )}
        {last && last.readBy.length > 0 && (
          <p className="talk__read">
            {last.readBy.length <= 3
              ? t('talk.read', { names: text.list(last.readBy) })
              : t('talk.readByMany', { count: last.readBy.length })}
          </p>
        )}
        {(far || !atEnd) && (
          <Button className="talk__latest" kind="primary" icon="down" onClick={toEnd}>
            {t('talk.latest')}
          </Button>
        )}
      </section>
      <p className="ui-hidden" role="status" aria-live="polite">
        {said}
      </p>
    </>
  );
}
