// SPDX-License-Identifier: EUPL-1.2
// From an empty page to a session, and back.
import type { Credentials } from '../core/entry.ts';
import { type Failure, failureOfFetch } from '../core/failure.ts';
import { Cell, type Live } from '../core/live.ts';
import type { Session } from '../core/session.ts';
import { type Vault, vaultUntil } from '../core/vault.ts';
import type { Tabs } from './tabs.ts';

export type AppState =
  /** beginning: a later visit may show more than that in a moment. */
  | {
      readonly at:
        | 'beginning'
        | 'opening'
        | 'insecure'
        | 'arrive'
        | 'elsewhere'
        | 'moved'
        | 'starting'
        | 'ended';
    }
  | { readonly at: 'failed'; readonly failure: Failure }
  | { readonly at: 'in'; readonly session: Session };

/** Makes the session of a device. The password is there only just after it was typed: the first set-up of
 * an account may have to show it once more. Rejects, and leaves the stores to another tab, once it is
 * aborted. */
export type StartSession = (
  credentials: Credentials,
  password: string | undefined,
  signal: AbortSignal,
) => Promise<Session>;

/** What stands for the session of a device while that one is on its way; undefined: the last visit has left
 * nothing to begin with. Never rejects. `shown`: it is on the screen. */
export type ComeBack = (
  credentials: Credentials,
  vault: Vault,
) => Promise<((coming: Promise<Session>, shown: Promise<void>) => Session) | undefined>;

interface Parts {
  secure: boolean;
  vault: Vault;
  tabs: Tabs;
  comeBack: ComeBack;
  startSession: StartSession;
  /** Deletes what an earlier device left beside the vault. */
  forgetStores: () => Promise<void>;
  /** Empties what this device keeps in the clear beside the vault, while it is open still. */
  emptyStores: () => Promise<void>;
  /** This page is of an earlier version than the files it would load. */
  isOld: () => boolean;
  /** A new page in this tab, which takes over. */
  reloadHere: () => void;
  /** What is sent to this browser while the page is closed ends. Never fails. */
  dropPushes: () => Promise<void>;
  /** Tells the server that the device is no more. Never fails. */
  endDevice: (credentials: Credentials) => Promise<void>;
  /** A new page: nothing that was in memory stays, and no database is open. */
  reload: () => void;
}

/** What is given to the end of something that may never come. */
const LONGEST_MS = 5000;

/** Once all have ended, in whatever way, or the time is over. */
async function inTime(all: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LONGEST_MS);
  });
  await Promise.race([Promise.allSettled(all), late]);
  clearTimeout(timer);
}

export class AppModel {
  private readonly parts: Parts;
  private readonly cell = new Cell<AppState>({ at: 'beginning' });
  private made = false;
  private noteShown: () => void = () => {};
  private leaving = new AbortController();
  private ours: Vault;
  private unwatch: () => void = () => {};

  constructor(parts: Parts) {
    this.parts = parts;
    this.ours = vaultUntil(this.leaving.signal, parts.vault);
    parts.tabs.onLost(() => this.leaveToOtherTab());
  }

  /** Until another tab takes the device over: from then on what is kept is that tab's. */
  get vault(): Vault {
    return this.ours;
  }

  get state(): Live<AppState> {
    return this.cell;
  }

  /** At the opening of the page, after a failure, or to take over from another tab. */
  async open(take = false): Promise<void> {
    if (!this.parts.secure) return this.cell.set({ at: 'insecure' });
    if (this.cell.get().at !== 'beginning') this.cell.set({ at: 'opening' });
    this.leaving = new AbortController();
    this.ours = vaultUntil(this.leaving.signal, this.parts.vault);
    if (!(await this.parts.tabs.hold(take))) return this.cell.set({ at: 'elsewhere' });
    try {
      const credentials = await this.parts.vault.read<Credentials>('credentials');
      if (credentials) await this.comeBack(credentials);
      else {
        await this.parts.forgetStores();
        this.cell.set({ at: 'arrive' });
      }
    } catch (error) {
      this.fail(error);
    }
    return undefined;
  }

  private fail(error: unknown): void {
    // Another tab has taken it over.
    if (!this.leaving.signal.aborted) this.cell.set({ at: 'failed', failure: failureOfFetch(error) });
  }

  /** From another tab. An old page does not open what a newer version has kept. */
  takeOver(): void {
    if (this.parts.isOld()) this.parts.reloadHere();
    else void this.open(true);
  }

  /** After a failure: the lock is already ours. */
  retry(): Promise<void> {
    return this.open(true);
  }

  /** The account was made on this page. */
  get isNew(): boolean {
    return this.made;
  }

  readonly arrived = async (credentials: Credentials, password: string, made = false): Promise<void> => {
    this.made = made;
    try {
      await this.parts.vault.write('credentials', credentials);
      await this.start(credentials, password);
    } catch (error) {
      this.fail(error);
    }
  };

  /** What the last visit has left is shown first; nothing of the session is loaded before. */
  private async comeBack(credentials: Credentials): Promise<void> {
    const early = await this.parts.comeBack(credentials, this.ours);
    if (!early) return this.start(credentials, undefined);
    const shown = new Promise<void>((resolve) => {
      this.noteShown = resolve;
    });
    const coming = shown.then(() => this.parts.startSession(credentials, undefined, this.leaving.signal));
    this.enter(early(coming, shown));
    await coming;
    return undefined;
  }

  /** What was entered is on the screen. */
  shown(): void {
    this.noteShown();
  }

  private async start(credentials: Credentials, password: string | undefined): Promise<void> {
    this.cell.set({ at: 'starting' });
    this.enter(await this.parts.startSession(credentials, password, this.leaving.signal));
  }

  private enter(session: Session): void {
    const look = () => {
      if (session.connection.get() === 'ended') void this.end();
    };
    this.unwatch();
    this.unwatch = session.connection.subscribe(look);
    this.cell.set({ at: 'in', session });
    look();
  }

  /** All that is kept here, at once: on a machine that others use, the page may be closed the moment after. */
  private empty(): Promise<void> {
    const { vault, emptyStores } = this.parts;
    return inTime([vault.wipe(), emptyStores()]);
  }

  /** The server has ended this device: what it kept cannot be read any more from here on. That comes first:
   * what follows may wait for what never comes. */
  private async end(): Promise<void> {
    const state = this.cell.get();
    this.unwatch();
    this.cell.set({ at: 'ended' });
    const { dropPushes, forgetStores } = this.parts;
    // Before anything is emptied, it writes no more.
    const stopped = state.at === 'in' ? state.session.stop() : undefined;
    await this.empty();
    await inTime([dropPushes(), stopped]);
    await inTime([forgetStores()]);
  }

  /** What signing out would lose where there is no session to ask. */
  async unsaved(): Promise<{ userId: string; code: string | undefined; unsent: number }> {
    const read = <T>(name: string) => this.parts.vault.read<T>(name).catch(() => undefined);
    const credentials = await read<Credentials>('credentials');
    const recovery = await read<{ code: string }>('recovery');
    const outbox = await read<readonly unknown[]>('outbox');
    return {
      userId: credentials?.userId ?? '',
      code: recovery?.code || undefined,
      unsent: outbox?.length ?? 0,
    };
  }

  /** What is kept goes first, and the page in any case: the server may never answer. */
  async signOut(): Promise<void> {
    const state = this.cell.get();
    this.unwatch();
    this.cell.set({ at: 'opening' });
    const { vault, dropPushes, endDevice, reload } = this.parts;
    let credentials: Credentials | undefined;
    const read = vault.read<Credentials>('credentials').then((kept) => {
      credentials = kept;
    });
    await inTime([read]);
    let told = false;
    // From here on it writes nothing more.
    const ended =
      state.at === 'in' &&
      state.session.signOut().then(
        () => {
          told = true;
        },
        () => {},
      );
    await this.empty();
    // The server forgets its side of the pushes with the device.
    await inTime([dropPushes(), ended || undefined]);
    // By what was kept of it, where its session did not come, or could not tell.
    if (!told && credentials) await inTime([endDevice(credentials)]);
    reload();
  }

  signInAgain(): void {
    this.parts.reload();
  }

  private async leaveToOtherTab(): Promise<void> {
    const state = this.cell.get();
    // What the server says from then on is for the other tab: its vault is this one.
    this.unwatch();
    this.cell.set({ at: 'moved' });
    this.leaving.abort();
    if (state.at === 'in') await state.session.stop();
  }
}
