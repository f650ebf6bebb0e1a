// SPDX-License-Identifier: EUPL-1.2
// Writes down what the screen shows, for the next visit to begin with (last-visit.ts).
import { type KeptList, LAST_LIST } from './last-list.ts';
import { FORM, type Kept, type KeptConversation, type LastVisit, NAME, withoutOver } from './last-visit.ts';
import type { Live } from './live.ts';
import { nearest } from './room-parts.ts';
import type { Room, RoomSummary } from './rooms.ts';
import type { Session } from './session.ts';
import type { Vault } from './vault.ts';

/** Of the rooms, the most recent ones. */
const ROOMS = 2000;
const CONVERSATIONS = 4;
/** More than fills a large screen. */
const ITEMS = 30;
/** Larger rooms are shown without them for a moment. */
const MEMBERS = 200;
/** It is written once nothing has changed for a moment, or after a while of changes: who leaves soon after
 * something was shown finds it again. The whole list changes with every message, and can wait. */
const QUIET_MS = 300;
const LONGEST_MS = 3000;
const LIST_MS = 15_000;

/** The end of it, without what is still on its way: the outbox keeps that. Undefined while there is nothing
 * to show, and away from the end. */
function conversationOf(room: Room): KeptConversation | undefined {
  const { items, atStart, atEnd, loading, readUpTo } = room.timeline.state.get();
  const sent = items.filter((item) => item.type === 'change' || item.state === 'sent');
  if (loading === 'first' || !atEnd || sent.length === 0) return undefined;
  const members = room.members.get();
  const kept = room.governance.kept.get();
  return {
    roomId: room.id,
    items: sent.slice(-ITEMS),
    atStart: atStart && sent.length <= ITEMS,
    readUpTo,
    members: members.length <= MEMBERS ? members : [],
    lifetime: typeof kept === 'number' ? kept : undefined,
  };
}

type Watched = Live<unknown>;

/** Writes down what is shown. It begins with what the last visit has left, so that a conversation that is
 * not looked at this time stays. */
export class VisitKeeper {
  private readonly vault: Vault;
  private readonly session: Session;
  private conversations: readonly KeptConversation[];
  private readonly looked = new Set<Room>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private since: number | undefined;
  /** As it was written last. */
  private list: readonly RoomSummary[] | undefined;
  private listTimer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(vault: Vault, session: Session, before: LastVisit | undefined) {
    this.vault = vault;
    this.session = session;
    this.conversations = before?.conversations ?? [];
  }

  /** Until the returned function is called. */
  watch(): () => void {
    const { session } = this;
    const { me, connection, rooms, people, saved } = session;
    const stop = this.listen([me, connection, rooms.list, people.blocked, saved.list]);
    return () => {
      stop();
      this.stopped = true;
      clearTimeout(this.timer);
      clearTimeout(this.listTimer);
    };
  }

  /** A conversation that is looked at, until the returned function is called. */
  look(room: Room): () => void {
    this.looked.add(room);
    const stop = this.listen([room.timeline.state, room.members]);
    this.changed();
    return () => {
      this.take(room);
      this.looked.delete(room);
      stop();
      this.changed();
    };
  }

  private listen(all: readonly Watched[]): () => void {
    const stops = all.map((live) => live.subscribe(this.changed));
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** What is shown before the session is there is what is kept already. */
  private isThere(): boolean {
    return !['starting', 'ended'].includes(this.session.connection.get());
  }

  private readonly changed = (): void => {
    if (this.stopped || !this.isThere()) return;
    this.since ??= Date.now();
    clearTimeout(this.timer);
    const most = this.since + LONGEST_MS - Date.now();
    this.timer = setTimeout(() => this.writeNear(), Math.max(Math.min(QUIET_MS, most), 0));
    this.listTimer ??= setTimeout(() => this.writeList(), LIST_MS);
  };

  private take(room: Room): void {
    const now = conversationOf(room);
    if (now)
      this.conversations = [now, ...this.conversations.filter((one) => one.roomId !== room.id)].slice(
        0,
        CONVERSATIONS,
      );
  }

  /** At once what waits to be written: the page may be about to go. Never fails. */
  write(): Promise<void> {
    this.writeNear();
    this.writeList();
    return this.writing;
  }

  private put(name: string, value: () => Kept | KeptList): void {
    this.writing = this.writing.then(() => this.vault.write(name, value())).catch(() => {});
  }

  private writeNear(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.since === undefined) return;
    this.since = undefined;
    this.put(NAME, () => this.now());
  }

  private writeList(): void {
    clearTimeout(this.listTimer);
    this.listTimer = undefined;
    const list = this.session.rooms.list.get();
    if (this.stopped || !this.isThere() || list === this.list) return;
    this.list = list;
    const { userId } = this.session.me.get();
    this.put(LAST_LIST, () => ({ form: FORM, userId, rooms: list.slice(0, ROOMS) }));
  }

  private now(): Kept {
    const { me, rooms, people, saved } = this.session;
    for (const room of this.looked) this.take(room);
    const list = rooms.list.get();
    const known = new Set(list.map((room) => room.id));
    // Of a room that one has left, nothing stays.
    this.conversations = this.conversations.filter(({ roomId }) => known.has(roomId)).map(withoutOver);
    return {
      form: FORM,
      me: { ...me.get(), known: false },
      rooms: nearest(list, new Set(this.conversations.map(({ roomId }) => roomId))),
      blocked: [...people.blocked.get()],
      saved: saved.list.get(),
      conversations: this.conversations,
    };
  }
}
