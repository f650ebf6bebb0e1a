// SPDX-License-Identifier: EUPL-1.2
// The session of a later visit, before the SDK is loaded: what the last visit left, until the session that
// is on its way says what is so now. What one asks of it meanwhile is done then, and rejects when that
// session does not come.
import { NO_QUIET } from '../sw/quiet.ts';
import type { Alert, Attention } from './alerts.ts';
import { Drafts } from './drafts.ts';
import { earlyRoom, settled } from './early-room.ts';
import type { LastVisit } from './last-visit.ts';
import { later } from './later.ts';
import { Cell, follow, type Live } from './live.ts';
import type { PersonalState } from './personal.ts';
import type { Room, Rooms, RoomSummary } from './rooms.ts';
import type { Comparison, SafetyState } from './safety.ts';
import type { SearchReach } from './search.ts';
import type { Connection, Me, Offers, Session } from './session.ts';
import type { Vault } from './vault.ts';

const newest = (rooms: readonly RoomSummary[]): number =>
  rooms.reduce((at, room) => Math.max(at, room.at), 0);

/** Called once it is there, unless the function that this gives was called before; then that one is called
 * too, with what the call gave. */
function whenThere<T>(coming: Promise<T>, call: (there: T) => () => void): () => void {
  let stop: (() => void) | undefined;
  let stopped = false;
  coming.then(
    (there) => {
      if (!stopped) stop = call(there);
    },
    () => {},
  );
  return () => {
    stopped = true;
    stop?.();
  };
}

class Early {
  private readonly visit: LastVisit;
  private readonly coming: Promise<Session>;
  private readonly whole: Promise<readonly RoomSummary[]>;
  private there: Session | undefined;

  constructor(visit: LastVisit, whole: Promise<readonly RoomSummary[]>, coming: Promise<Session>) {
    this.visit = visit;
    this.whole = whole;
    this.coming = coming;
    coming.then(
      (session) => {
        this.there = session;
      },
      () => {},
    );
  }

  /** The value, until the session has its own, and that one fits. */
  private cell<T>(
    first: T,
    of: (session: Session) => Live<T>,
    fits: (value: T, connection: Connection) => boolean = () => true,
  ): Cell<T> {
    const cell = new Cell(first);
    follow(
      cell,
      this.coming.then((session) => settled(session, of(session), fits)),
    );
    return cell;
  }

  /** What only the server's answer makes right. */
  private fromServer<T>(first: T, of: (session: Session) => Live<T>): Cell<T> {
    return this.cell(first, of, (_, connection) => connection === 'online');
  }

  private part<
    Name extends
      | 'account'
      | 'push'
      | 'people'
      | 'personal'
      | 'saved'
      | 'safety'
      | 'search'
      | 'alerts'
      | 'deeds'
      | 'rooms',
  >(name: Name): Promise<Session[Name]> {
    return this.coming.then((session) => session[name]);
  }

  /** The session's own rooms will do from then on; of what was kept, from when the server has answered. */
  private hasItself(roomId: string, kept: boolean): boolean {
    if (!this.there || (kept && this.there.connection.get() === 'starting')) return false;
    return this.there.rooms.list.get().some((room) => room.id === roomId);
  }

  private rooms(): Rooms {
    const { visit } = this;
    const files = later(
      this.part('rooms').then((rooms) => rooms.files),
      {},
    );
    const latest = newest(visit.rooms);
    // What the SDK has written down may be older than what was shown last.
    const list = this.cell(
      visit.rooms,
      (session) => session.rooms.list,
      (rooms, connection) =>
        connection === 'online' ||
        (rooms.length > 0 && (connection !== 'starting' || newest(rooms) >= latest)),
    );
    this.whole.then(
      (all) => {
        if (list.get() === visit.rooms) list.set(all);
      },
      () => {},
    );
    const open = (id: string): Room | undefined => {
      const known = list.get().find((room) => room.id === id);
      const kept = visit.conversations.find(({ roomId }) => roomId === id);
      return this.hasItself(id, kept !== undefined)
        ? this.there?.rooms.open(id)
        : known && earlyRoom(this.coming, files, known, kept);
    };
    const unsent = this.cell(0, (session) => session.rooms.unsent);
    return later(this.part('rooms'), { list, unsent, files, open });
  }

  session(vault: Vault): Session {
    const { visit, coming } = this;
    return later<Session>(coming, {
      me: this.cell<Me>(
        visit.me,
        (session) => session.me,
        (me) => me.known,
      ),
      offers: this.cell<Offers>({ openRooms: false, renaming: false }, (session) => session.offers),
      connection: this.cell<Connection>('starting', (session) => session.connection),
      drafts: new Drafts(vault),
      stop: () => coming.then((session) => session.stop()).catch(() => {}),
      rooms: this.rooms(),
      account: later(this.part('account'), {}),
      push: later(this.part('push'), {}),
      deeds: later(this.part('deeds'), {}),
      people: later(this.part('people'), {
        blocked: this.fromServer<ReadonlySet<string>>(
          new Set(visit.blocked),
          (session) => session.people.blocked,
        ),
      }),
      personal: later(this.part('personal'), {
        state: this.cell<PersonalState>(
          { welcome: false, hidden: false, digest: true, quiet: NO_QUIET },
          (session) => session.personal.state,
        ),
      }),
      saved: later(this.part('saved'), {
        list: this.fromServer(visit.saved, (session) => session.saved.list),
      }),
      safety: later(this.part('safety'), {
        state: this.cell<SafetyState>({ at: 'unknown' }, (session) => session.safety.state),
        comparison: this.cell<Comparison | undefined>(undefined, (session) => session.safety.comparison),
      }),
      search: later(this.part('search'), {
        reach: this.cell<SearchReach>({ at: 'reading', since: undefined }, (session) => session.search.reach),
        hurry: () => whenThere(this.part('search'), (search) => search.hurry()),
      }),
      alerts: later(this.part('alerts'), {
        attention: this.cell<Attention>('all', (session) => session.alerts.attention),
        subscribe: (listener: (alert: Alert) => void) =>
          whenThere(this.part('alerts'), (alerts) => alerts.subscribe(listener)),
      }),
    });
  }
}

export { readList } from './last-list.ts';

/** `whole`: the list of the last visit, of which the screen needs the beginning alone. */
export function earlySession(
  visit: LastVisit,
  whole: Promise<readonly RoomSummary[]>,
  coming: Promise<Session>,
  vault: Vault,
): Session {
  return new Early(visit, whole, coming).session(vault);
}
