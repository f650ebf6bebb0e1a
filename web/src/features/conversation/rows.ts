// SPDX-License-Identifier: EUPL-1.2
// What stands under what in a conversation: day marks, the line of new messages, who is named again, what
// happened to the room, and messages that cannot be read folded into one row.
import type { Change, Item, Lock, Message } from '../../core/timeline.ts';

export type Row =
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'new'; readonly key: string }
  | { readonly type: 'changes'; readonly key: string; readonly changes: readonly Change[] }
  | { readonly type: 'message'; readonly key: string; readonly message: Message; readonly named: boolean }
  | { readonly type: 'locked'; readonly key: string; readonly count: number; readonly lock: Lock };

const TOGETHER_MS = 5 * 60_000;

const lockOf = (item: Item): Lock | undefined =>
  item.type === 'message' && item.content.kind === 'locked' ? item.content.lock : undefined;

const dayOf = (at: number): string => new Date(at).toDateString();

function isNamed(message: Message, before: Row | undefined): boolean {
  if (before?.type !== 'message' || message.replyTo) return true;
  const other = before.message;
  return other.sender.id !== message.sender.id || message.at - other.at > TOGETHER_MS;
}

/** True where the line of new messages goes: after what was read, before something of another's. */
function startsNew(items: readonly Item[], at: number, readUpTo: string | undefined): boolean {
  if (!readUpTo || items[at - 1]?.id !== readUpTo) return false;
  return items.slice(at).some((item) => item.type === 'message' && !item.mine);
}

/** What happens in a row is told in one row. Who makes a room comes into it: that is not told twice. */
function putChange(rows: Row[], change: Change): void {
  const before = rows.at(-1);
  if (before?.type !== 'changes') {
    rows.push({ type: 'changes', key: change.id, changes: [change] });
    return;
  }
  const made = before.changes.find(({ happening }) => happening.what === 'created');
  if (made?.by === change.by && change.happening.what === 'joined') return;
  rows[rows.length - 1] = { ...before, changes: [...before.changes, change] };
}

export function rowsOf(items: readonly Item[], readUpTo: string | undefined): Row[] {
  const rows: Row[] = [];
  let day = '';
  for (const [i, item] of items.entries()) {
    if (dayOf(item.at) !== day) {
      day = dayOf(item.at);
      rows.push({ type: 'day', key: `day-${item.id}`, at: item.at });
    }
    if (startsNew(items, i, readUpTo)) rows.push({ type: 'new', key: 'new' });
    const before = rows.at(-1);
    const lock = lockOf(item);
    if (lock && before?.type === 'locked' && before.lock === lock) {
      rows[rows.length - 1] = { ...before, count: before.count + 1 };
    } else if (lock) rows.push({ type: 'locked', key: item.id, count: 1, lock });
    else if (item.type === 'change') putChange(rows, item);
    else rows.push({ type: 'message', key: item.id, message: item, named: isNamed(item, before) });
  }
  return rows;
}
