// SPDX-License-Identifier: EUPL-1.2
// The port of one's own account: its password, its devices, its end. Each rejects with a Failure when the
// server says no; what is asked to be proved with the password is M_FORBIDDEN when that is wrong.

export interface Device {
  readonly id: string;
  readonly name: string;
  /** ms; undefined where the server does not say. */
  readonly lastSeen: number | undefined;
  readonly current: boolean;
  /** It was let in with the code or by comparing, and reads one's messages. */
  readonly trusted: boolean;
}

export interface Account {
  /** The address it was made with, where there is one. */
  address(): Promise<string | undefined>;
  /** Bytes that a password has at least. */
  passwordLeast(): Promise<number>;
  /** `others`: the other devices are signed out. */
  changePassword(old: string, next: string, others: boolean): Promise<void>;
  /** This one first, then the one that was used last. */
  devices(): Promise<readonly Device[]>;
  renameDevice(id: string, name: string): Promise<void>;
  signOutDevices(ids: readonly string[], password: string): Promise<void>;
  /** For ever. */
  close(password: string): Promise<void>;
}
