// SPDX-License-Identifier: EUPL-1.2
// The port of a signed-in device. The screens know this and nothing of the SDK; tests use the fake.
import type { Account } from './account.ts';
import type { Alerts } from './alerts.ts';
import type { Deeds } from './deeds.ts';
import type { Drafts } from './drafts.ts';
import type { Live } from './live.ts';
import type { People } from './people.ts';
import type { Personal } from './personal.ts';
import type { PushServer } from './push.ts';
import type { Rooms } from './rooms.ts';
import type { Safety } from './safety.ts';
import type { Saved } from './saved.ts';
import type { Search } from './search.ts';

/** starting: the server has not answered yet, and what there is to show is of the last visit; expired: the
 * account has come to its end, and may be renewed; ended: the server no longer knows this device. */
export type Connection = 'starting' | 'online' | 'offline' | 'expired' | 'ended';

export interface Me {
  readonly userId: string;
  readonly deviceId: string;
  readonly name: string;
  /** The server has said who one is. */
  readonly known: boolean;
  /** An outside partner: sees only what they were invited to. */
  readonly external: boolean;
  readonly organisation: string | undefined;
}

/** What this server has; nothing, until it has said so. */
export interface Offers {
  /** Rooms may be open to outside partners. */
  readonly openRooms: boolean;
  /** One chooses one's own name. */
  readonly renaming: boolean;
}

export interface Session {
  readonly me: Live<Me>;
  readonly offers: Live<Offers>;
  readonly connection: Live<Connection>;
  readonly safety: Safety;
  readonly rooms: Rooms;
  readonly people: People;
  readonly personal: Personal;
  readonly drafts: Drafts;
  readonly account: Account;
  readonly search: Search;
  readonly saved: Saved;
  readonly alerts: Alerts;
  readonly push: PushServer;
  readonly deeds: Deeds;
  rename(name: string): Promise<void>;
  /** Mails a link that renews the account. */
  sendRenewal(): Promise<void>;
  /** Writes nothing more from the call on, stops, and ends the device on the server. Rejects when the server
   * was not told. */
  signOut(): Promise<void>;
  /** Leaves everything in place, for another tab or a later visit. */
  stop(): Promise<void>;
}
