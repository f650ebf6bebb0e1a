// SPDX-License-Identifier: EUPL-1.2
// The port of rooms and people: the list, what one may do to a room as a whole, and who is in it.
import type { Attachment, Files, UploadOptions } from './files.ts';
import type { Gallery } from './gallery.ts';
import type { Governance } from './governance.ts';
import type { AddressInfo } from './identity.ts';
import type { Live } from './live.ts';
import type { Pins } from './pins.ts';
import type { Threads } from './threads.ts';
import type { Content, Item, Outgoing, Timeline } from './timeline.ts';

export interface Person {
  readonly id: string;
  /** Without the organisation, where that is known apart. */
  readonly name: string;
  /** An outside partner. */
  readonly external: boolean;
  /** Whose they are, where the server says. */
  readonly organisation: string | undefined;
  /** Their identifier, where somebody else in the room has a name that looks the same. */
  readonly apart?: string;
}

/** direct: between two people; private: by invitation, agents only; open: by invitation, externals too;
 * public: every agent may come in; space: holds rooms, nothing is said in it. All are encrypted but the
 * last two. */
export type RoomKind = 'direct' | 'private' | 'open' | 'public' | 'space';

/** What the list shows under a room's name. */
export interface LastMessage {
  readonly sender: string;
  readonly mine: boolean;
  readonly kind: Content['kind'];
  /** A text's words, a file's name. */
  readonly text: string | undefined;
}

export interface RoomSummary {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly membership: 'join' | 'invite';
  readonly encrypted: boolean;
  /** Decides the tone of its picture: a person's own in a direct room. */
  readonly seed: string;
  /** The other one of a direct room is an outside partner. */
  readonly external: boolean;
  readonly favourite: boolean;
  readonly unread: number;
  readonly mentions: number;
  readonly last: LastMessage | undefined;
  /** Of the last activity; ms. */
  readonly at: number;
  /** Of an invitation. */
  readonly inviter: Person | undefined;
  readonly topic: string | undefined;
  /** Where its picture is. */
  readonly picture: string | undefined;
}

export type Role = 'admin' | 'moderator' | 'member';

export interface Member extends Person {
  readonly role: Role;
  readonly invited: boolean;
  /** One has more power than they, and may change what they are. */
  readonly below: boolean;
}

/** What of a room is told to its reader: as in other rooms, all, mentions only, nothing. */
export type Calls = 'default' | 'all' | 'mentions' | 'none';

export interface Room {
  readonly id: string;
  readonly summary: Live<RoomSummary>;
  readonly timeline: Timeline;
  readonly governance: Governance;
  readonly threads: Threads;
  readonly pins: Pins;
  readonly files: Files;
  readonly calls: Live<Calls>;
  setCalls(calls: Calls): Promise<void>;
  /** Complete once `loadMembers` has been awaited. */
  readonly members: Live<readonly Member[]>;
  /** Spaces that one is in and that hold it, by name. */
  readonly spaces: Live<readonly Pick<RoomSummary, 'id' | 'name'>[]>;
  /** Names of those who write, without oneself. */
  readonly typing: Live<readonly string[]>;
  /** People in it whose identity is no longer the one that this device knew. */
  readonly changed: Live<readonly Person[]>;
  /** Their identity of now is the one to go by. */
  acceptIdentity(userId: string): Promise<void>;
  /** Its state says so, or this device has learnt it before: what is put into it is encrypted. Never fails. */
  isEncrypted(): Promise<boolean>;
  loadMembers(): Promise<void>;
  invite(userId: string): Promise<void>;
  /** Whoever has that address, or will: who has no account is sent a mail. */
  inviteAddress(address: string): Promise<void>;
  setFavourite(favourite: boolean): Promise<void>;
  /** What was attached. */
  gallery(): Gallery;
  /** All that one may read, the oldest first; told how far it has come. */
  history(onProgress: (count: number) => void): Promise<readonly Item[]>;
  setTyping(typing: boolean): void;
  /** Stops listening; the room stays in the list. */
  close(): void;
}

export interface NewRoom {
  readonly name: string;
  /** In one line; empty: none. */
  readonly topic: string;
  readonly kind: 'private' | 'open' | 'public' | 'space';
}

/** How one comes in: freely; by asking; one has asked; by invitation only. */
export type EntryRule = 'free' | 'ask' | 'asked' | 'closed';

/** A room one may not be in, as the server shows it. */
export interface ListedRoom {
  readonly id: string;
  readonly name: string;
  readonly topic: string | undefined;
  readonly theme: string | undefined;
  readonly picture: string | undefined;
  readonly members: number;
  readonly entry: EntryRule;
}

/** A room of a space. */
export interface HeldRoom extends ListedRoom {
  readonly kind: 'room' | 'space';
  readonly joined: boolean;
}

export interface Rooms {
  /** Rooms one is in or invited to, the most recent first. */
  readonly list: Live<readonly RoomSummary[]>;
  /** How many of one's messages the server does not have yet. */
  readonly unsent: Live<number>;
  /** Undefined when one is not in it. */
  open(roomId: string): Room | undefined;
  create(room: NewRoom): Promise<string>;
  /** The room of these two people: the one there is, or a new one. */
  talkTo(userId: string): Promise<string>;
  /** Sends into another room. */
  forward(roomId: string, message: Pick<Outgoing, 'text' | 'html'>): Promise<void>;
  /** The same with a file: read through the antivirus, and uploaded anew as the other room wants it. */
  forwardFile(roomId: string, file: Attachment, options: Omit<UploadOptions, 'encrypted'>): Promise<void>;
  accept(roomId: string): Promise<void>;
  refuse(roomId: string): Promise<void>;
  /** Public rooms whose name or topic fits; all, the largest first, for an empty term. */
  findRooms(term: string): Promise<readonly ListedRoom[]>;
  /** A room one is not in, as far as one may know it. */
  preview(roomId: string): Promise<ListedRoom>;
  joinListed(roomId: string): Promise<void>;
  /** Asks to be let in; `reason`: for who decides. */
  ask(roomId: string, reason: string): Promise<void>;
  /** Asks no more. */
  withdraw(roomId: string): Promise<void>;
  /** What a space holds, in its order; of what one may not see, nothing. `deep`: with what the spaces in it
   * hold. */
  held(spaceId: string, deep?: boolean): Promise<readonly HeldRoom[]>;
  /** Puts a room into a space, or takes it out. */
  hold(spaceId: string, roomId: string, held: boolean): Promise<void>;
  readonly files: Files;
  /** People whose name, organisation or identifier fits, or who have that address; not oneself. */
  findPeople(term: string): Promise<readonly Person[]>;
  /** Where an address belongs. */
  about(address: string): Promise<AddressInfo>;
}
