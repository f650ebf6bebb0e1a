// SPDX-License-Identifier: EUPL-1.2
// From an empty page to a session, and back.
import type { Credentials } from '../core/entry.ts';
import { Failure, failureOf } from '../core/failure.ts';
import { Cell, type Live } from '../core/live.ts';
import type { Session } from '../core/session.ts';
import type { Vault } from '../core/vault.ts';
import type { Tabs } from './tabs.ts';

export type AppState =
  | { readonly at: 'opening' | 'insecure' | 'arrive' | 'elsewhere' | 'moved' | 'starting' | 'ended' }
  | { readonly at: 'failed'; readonly failure: Failure }
  | { readonly at: 'in'; readonly session: Session };

/** Makes the session of a device. The password is there only just after it was typed: the first set-up of
 * an account may have to show it once more. */
export type StartSession = (credentials: Credentials, password: string | undefined) => Promise<Session>;

interface Parts {
  secure: boolean;
  vault: Vault;
  tabs: Tabs;
  startSession: StartSession;
  /** Deletes what an earlier device left beside the vault. */
  forgetStores: () => Promise<void>;
  /** This page is of an earlier version than the files it would load. */
  isOld: () => boolean;
  /** A new page in this tab, which takes over. */
  reloadHere: () => void;
  /** What is sent to this browser while the page is closed ends. Never fails. */
  dropPushes: () => Promise<void>;
  /** A new page: nothing that was in memory stays, and no database is open. */
  reload: () => void;
}

export class AppModel {
  private readonly parts: Parts;
  private readonly cell = new Cell<AppState>({ at: 'opening' });
  private made = false;

  constructor(parts: Parts) {
    this.parts = parts;
    parts.tabs.onLost(() => void this.leaveToOtherTab());
  }

  get state(): Live<AppState> {
    return this.cell;
  }

  /** At the opening of the page, after a failure, or to take over from another tab. */
  async open(take = false): Promise<void> {
    if (!this.parts.secure) return this.cell.set({ at: 'insecure' });
    this.cell.set({ at: 'opening' });
    if (!(await this.parts.tabs.hold(take))) return this.cell.set({ at: 'elsewhere' });
    try {
      const credentials = await this.parts.vault.read<Credentials>('credentials');
      if (credentials) await this.start(credentials, undefined);
      else {
        await this.parts.forgetStores();
        this.cell.set({ at: 'arrive' });
      }
    } catch (error) {
      this.cell.set({ at: 'failed', failure: failureOf(error) });
    }
    return undefined;
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
      this.cell.set({ at: 'failed', failure: failureOf(error) });
    }
  };

  private async start(credentials: Credentials, password: string | undefined): Promise<void> {
    this.cell.set({ at: 'starting' });
    const session = await this.parts.startSession(credentials, password);
    const look = () => {
      if (session.connection.get() === 'ended') void this.end();
    };
    session.connection.subscribe(look);
    this.cell.set({ at: 'in', session });
    look();
  }

  /** The server has ended this device: what it kept cannot be read any more from here on. */
  private async end(): Promise<void> {
    const state = this.cell.get();
    this.cell.set({ at: 'ended' });
    if (state.at === 'in') await state.session.stop();
    await this.parts.dropPushes();
    await this.parts.vault.wipe();
  }

  async signOut(): Promise<void> {
    const state = this.cell.get();
    this.cell.set({ at: 'opening' });
    // The server forgets its side with the device.
    await this.parts.dropPushes();
    if (state.at === 'in') await state.session.signOut();
    await this.parts.vault.wipe();
    this.parts.reload();
  }

  signInAgain(): void {
    this.parts.reload();
  }

  private async leaveToOtherTab(): Promise<void> {
    const state = this.cell.get();
    this.cell.set({ at: 'moved' });
    if (state.at === 'in') await state.session.stop();
  }
}
