// SPDX-License-Identifier: EUPL-1.2
// The port of a signed-in device. The screens know this and nothing of the SDK; tests use the fake.
import type { Drafts } from './drafts.ts';
import type { Live } from './live.ts';
import type { Rooms } from './rooms.ts';
import type { Safety } from './safety.ts';

/** starting: nothing to show yet; ended: the server no longer knows this device. */
export type Connection = 'starting' | 'online' | 'offline' | 'ended';

export interface Me {
  readonly userId: string;
  readonly deviceId: string;
  readonly name: string;
}

export interface Session {
  readonly me: Live<Me>;
  readonly connection: Live<Connection>;
  readonly safety: Safety;
  readonly rooms: Rooms;
  readonly drafts: Drafts;
  /** Ends the device on the server and stops. Never fails: a server that cannot be told is left alone. */
  signOut(): Promise<void>;
  /** Leaves everything in place, for another tab or a later visit. */
  stop(): Promise<void>;
}
