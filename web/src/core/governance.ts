// SPDX-License-Identifier: EUPL-1.2
// The port of how a room is run: its name, who has which role, whom it is open to.
import type { Live } from './live.ts';
import type { Person, Role } from './rooms.ts';

/** What one may do in a room now. */
export interface Rights {
  readonly invite: boolean;
  readonly rename: boolean;
  readonly describe: boolean;
  readonly roles: boolean;
  readonly remove: boolean;
  readonly ban: boolean;
  readonly pin: boolean;
  readonly picture: boolean;
  /** Of a space: put rooms into it, and take them out. */
  readonly hold: boolean;
  /** It is for agents only, and one may open it to externals. */
  readonly open: boolean;
  /** Say how long messages are kept. */
  readonly retain: boolean;
  /** It is entered by invitation, and one may let others ask for it. */
  readonly letAsk: boolean;
}

/** How long messages are kept, in milliseconds. */
export type Kept = number | 'forever';

/** What a server lets its rooms say of it. */
export interface Retention {
  /** In rooms that say nothing. */
  readonly otherwise: Kept;
  readonly least: number;
  readonly most: Kept;
}

export const NO_RIGHTS: Rights = {
  invite: false,
  rename: false,
  describe: false,
  roles: false,
  remove: false,
  ban: false,
  pin: false,
  picture: false,
  hold: false,
  open: false,
  retain: false,
  letAsk: false,
};

/** Somebody who asks to be let in. */
export interface Asking extends Person {
  readonly reason: string | undefined;
}

/** Each rejects with a Failure when the server says no. */
export interface Governance {
  readonly rights: Live<Rights>;
  readonly banned: Live<readonly Person[]>;
  /** What the room says; undefined: nothing. */
  readonly kept: Live<Kept | undefined>;
  /** undefined: this server erases nothing because it is old. */
  retention(): Promise<Retention | undefined>;
  /** Older messages, too, are erased for everybody. */
  keepFor(kept: Kept): Promise<void>;
  /** They are let in by an invitation, and turned away as a member is removed. */
  readonly asking: Live<readonly Asking[]>;
  /** Whoever has its address may ask to be let in. */
  readonly mayAsk: Live<boolean>;
  letAsk(yes: boolean): Promise<void>;
  rename(name: string): Promise<void>;
  describe(topic: string): Promise<void>;
  /** Where the picture is that was uploaded for it; undefined takes it away. */
  setPicture(url: string | undefined): Promise<void>;
  /** For ever. */
  openToExternals(): Promise<void>;
  setRole(userId: string, role: Role): Promise<void>;
  remove(userId: string): Promise<void>;
  ban(userId: string): Promise<void>;
  unban(userId: string): Promise<void>;
}
