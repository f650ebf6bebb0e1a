// SPDX-License-Identifier: EUPL-1.2
// A conversation before its session is there: its end, as the last visit left it, until the session says
// what stands there now. What one asks of it meanwhile is done then.
import { Failure } from './failure.ts';
import type { Files } from './files.ts';
import type { Gallery, GalleryState } from './gallery.ts';
import { type Asking, type Kept, NO_RIGHTS, type Rights } from './governance.ts';
import type { KeptConversation } from './last-visit.ts';
import { later } from './later.ts';
import { Cell, follow, type Live } from './live.ts';
import type { Calls, Member, Person, Room, RoomSummary } from './rooms.ts';
import type { Connection, Session } from './session.ts';
import type { OpenThread } from './threads.ts';
import type { Timeline, TimelineState } from './timeline.ts';

type Held = ReturnType<Room['spaces']['get']>;

const LOADING: TimelineState = {
  items: [],
  atStart: false,
  atEnd: false,
  loading: 'first',
  failure: undefined,
  readUpTo: undefined,
};

/** What the session says, from when it fits. */
export function settled<T>(
  session: Session,
  live: Live<T>,
  fits: (value: T, connection: Connection) => boolean,
): Promise<Live<T>> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const look = () => {
      if (!fits(live.get(), session.connection.get())) return;
      for (const stop of stops.splice(0)) stop();
      resolve(live);
    };
    stops.push(live.subscribe(look), session.connection.subscribe(look));
    look();
  });
}

/** If it ever comes. */
function once<T>(coming: Promise<T>, call: (there: T) => void): void {
  coming.then(call, () => {});
}

function shownFirst({ items, atStart, readUpTo }: KeptConversation): TimelineState {
  return { items, atStart, atEnd: true, loading: 'no', failure: undefined, readUpTo };
}

/** `kept`: what is shown until the session has it too, or has asked the server. */
function earlyTimeline(opened: Promise<[Session, Timeline]>, kept: KeptConversation | undefined): Timeline {
  const state = new Cell<TimelineState>(kept ? shownFirst(kept) : LOADING);
  let last = kept?.items.at(-1)?.id;
  const fits = ({ items, loading }: TimelineState, connection: Connection): boolean => {
    if (loading === 'first') return false;
    if (last === undefined || connection === 'online' || items.some(({ id }) => id === last)) return true;
    return connection !== 'starting' && items.length > 0;
  };
  follow(
    state,
    opened.then(([session, there]) => settled(session, there.state, fits)),
  );
  const timeline = opened.then(([, there]) => there);
  return later(timeline, {
    state,
    // A message that an address names is not at the end.
    load: async (eventId) => {
      if (eventId) {
        last = undefined;
        state.set(LOADING);
      }
      await (await timeline).load(eventId);
    },
  });
}

function earlyThread(opened: Promise<[Session, Room]>, rootId: string): OpenThread {
  const thread = opened.then(([, room]) => room.threads.open(rootId));
  const both = Promise.all([opened, thread]);
  return {
    timeline: earlyTimeline(
      both.then(([[session], { timeline }]) => [session, timeline]),
      undefined,
    ),
    close: () => once(thread, (there) => there.close()),
  };
}

function earlyGallery(room: Promise<Room>): Gallery {
  const state = new Cell<GalleryState>({ items: [], atStart: false, loading: true, failure: undefined });
  const gallery = room.then((there) => there.gallery());
  follow(
    state,
    gallery.then((there) => there.state),
  );
  return later(gallery, { state });
}

/** The session's own, once it has looked at its rooms. */
async function openIn(session: Session, id: string): Promise<[Session, Room]> {
  await settled(
    session,
    session.rooms.list,
    (rooms, connection) => connection === 'online' || rooms.some((room) => room.id === id),
  );
  const room = session.rooms.open(id);
  if (!room) throw new Failure('M_NOT_FOUND');
  return [session, room];
}

export function earlyRoom(
  coming: Promise<Session>,
  files: Files,
  first: RoomSummary,
  kept: KeptConversation | undefined,
): Room {
  const opened = coming.then((session) => openIn(session, first.id));
  const room = opened.then(([, there]) => there);
  const cell = <T>(value: T, of: (there: Room) => Live<T>): Cell<T> => {
    const made = new Cell(value);
    follow(made, room.then(of));
    return made;
  };
  const { id } = first;
  return later<Room>(room, {
    id,
    files,
    summary: cell(first, (there) => there.summary),
    timeline: earlyTimeline(
      opened.then(([session, there]) => [session, there.timeline]),
      kept,
    ),
    members: cell<readonly Member[]>(kept?.members ?? [], (there) => there.members),
    typing: cell<readonly string[]>([], (there) => there.typing),
    spaces: cell<Held>([], (there) => there.spaces),
    changed: cell<readonly Person[]>([], (there) => there.changed),
    calls: cell<Calls>('default', (there) => there.calls),
    pins: later(
      room.then((there) => there.pins),
      { ids: cell<readonly string[]>([], (there) => there.pins.ids) },
    ),
    governance: later(
      room.then((there) => there.governance),
      {
        rights: cell<Rights>(NO_RIGHTS, (there) => there.governance.rights),
        banned: cell<readonly Person[]>([], (there) => there.governance.banned),
        kept: cell<Kept | undefined>(undefined, (there) => there.governance.kept),
        asking: cell<readonly Asking[]>([], (there) => there.governance.asking),
        mayAsk: cell(false, (there) => there.governance.mayAsk),
      },
    ),
    threads: later(
      room.then((there) => there.threads),
      { open: (rootId) => earlyThread(opened, rootId) },
    ),
    gallery: () => earlyGallery(room),
    setTyping: (typing) => once(room, (there) => there.setTyping(typing)),
    close: () => once(room, (there) => there.close()),
  });
}
