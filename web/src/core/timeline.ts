// SPDX-License-Identifier: EUPL-1.2
// The port of what was said in a room: a window that moves over it, and what one may add or change.
import type { Failure } from './failure.ts';
import type { Attachment } from './files.ts';
import type { Live } from './live.ts';
import type { Person } from './rooms.ts';

export interface Reaction {
  readonly emoji: string;
  readonly people: readonly string[];
  readonly mine: boolean;
}

/** Why a message cannot be read yet: its key is on its way; this device has not been let in; its sender kept
 * it from this device, which had not been let in; it was sent before one came, or its sender keeps it from
 * this device; nobody knows. */
export type Lock = 'waiting' | 'device' | 'withheld' | 'never' | 'unknown';

export interface PollAnswer {
  readonly id: string;
  readonly text: string;
  readonly votes: number;
  readonly mine: boolean;
}

export interface Poll {
  readonly question: string;
  readonly answers: readonly PollAnswer[];
  /** How many answers one may choose. */
  readonly most: number;
  readonly voters: number;
  /** Of them, how many have voted on a device that they have not confirmed, and on no other. */
  readonly unsure: number;
  /** How many others have changed their vote on a device that they have not confirmed: that does not count. */
  readonly passed: number;
  /** One has done so oneself. */
  readonly minePassed: boolean;
  readonly ended: boolean;
  /** The votes are shown; of a poll that is not disclosed, only once it has ended. */
  readonly shown: boolean;
}

/** A poll to be put. */
export interface NewPoll {
  readonly question: string;
  readonly answers: readonly string[];
  /** How many answers one may choose. */
  readonly most: number;
  /** The votes are shown while it goes on. */
  readonly disclosed: boolean;
}

/** What was answered to a message in a place of its own. */
export interface ThreadInfo {
  readonly count: number;
  readonly unread: number;
}

/** Who is meant by a name in a text. */
export interface Mentioned {
  readonly id: string;
  readonly name: string;
}

export type Content =
  | {
      readonly kind: 'text' | 'notice' | 'emote';
      readonly text: string;
      readonly html: string | undefined;
      /** Whom its links lead to, by the names that they have here. */
      readonly people?: readonly Mentioned[];
    }
  /** Without attachment: it says of no file where it is. */
  | { readonly kind: 'file'; readonly name: string; readonly attachment: Attachment | undefined }
  | { readonly kind: 'poll'; readonly poll: Poll }
  /** By its own sender, or by who may delete for all. */
  | { readonly kind: 'deleted'; readonly bySender?: boolean }
  | { readonly kind: 'locked'; readonly lock: Lock }
  | { readonly kind: 'unknown' };

/** Of a message of an encrypted room: it came in clear; the device it was written on was not confirmed by its
 * owner; nothing says that its author has written it; it was written once and has come twice. */
export type Doubt = 'clear' | 'device' | 'author' | 'twice';

export interface Quote {
  readonly id: string;
  readonly sender: string | undefined;
  /** One has said it oneself. */
  readonly mine: boolean;
  readonly text: string | undefined;
  readonly doubt: Doubt | undefined;
}

/** What a message waits for that was held back before it was encrypted: that one says that a change of the
 * identity of somebody in the room is well; that this device is let in again under one's own new identity. */
export type Held = 'people' | 'self';

export interface Message {
  readonly type: 'message';
  readonly id: string;
  readonly sender: Person;
  readonly mine: boolean;
  readonly at: number;
  readonly content: Content;
  readonly edited: boolean;
  readonly doubt: Doubt | undefined;
  readonly replyTo: Quote | undefined;
  readonly reactions: readonly Reaction[];
  readonly thread: ThreadInfo | undefined;
  /** waiting: for the network, and leaves by itself; failed: somebody decides. */
  readonly state: 'sent' | 'sending' | 'waiting' | 'failed';
  /** Of one that has failed. */
  readonly held?: Held | undefined;
  readonly mentionsMe: boolean;
  readonly mayEdit: boolean;
  readonly mayDelete: boolean;
  /** Who has read up to here, without oneself and the sender. */
  readonly readBy: readonly string[];
}

export type Happening =
  | { readonly what: 'created' | 'encrypted' }
  | {
      readonly what:
        | 'joined'
        | 'left'
        | 'invited'
        | 'removed'
        | 'uninvited'
        | 'refused'
        | 'asked'
        | 'withdrew'
        | 'declined';
      readonly whom: string;
    }
  | { readonly what: 'named' | 'described'; readonly text: string }
  | { readonly what: 'opened' | 'pinned' | 'pictured' };

export interface Change {
  readonly type: 'change';
  readonly id: string;
  readonly at: number;
  readonly by: string;
  /** Done by oneself; done to oneself. */
  readonly mine: boolean;
  readonly aboutMe: boolean;
  readonly happening: Happening;
}

export type Item = Message | Change;

export interface TimelineState {
  /** The oldest first; at most `WINDOW`. */
  readonly items: readonly Item[];
  readonly atStart: boolean;
  readonly atEnd: boolean;
  readonly loading: 'no' | 'first' | 'back' | 'forward';
  readonly failure: Failure | undefined;
  /** Read before the room was opened; the line of new messages is under it. */
  readonly readUpTo: string | undefined;
}

/** Rows kept in the page. */
export const WINDOW = 300;

export interface Outgoing {
  readonly text: string;
  readonly html: string | undefined;
  readonly mentions: readonly string[];
  readonly replyTo: string | undefined;
}

export interface Timeline {
  readonly state: Live<TimelineState>;
  /** At the end, or around a message. */
  load(eventId?: string): Promise<void>;
  back(): Promise<void>;
  forward(): Promise<void>;
  /** Does not wait for the server: from when it resolves, the message stands in the window and is kept until
   * the server has it. */
  send(message: Outgoing): Promise<void>;
  /** What has been uploaded; as `send`. */
  sendFile(attachment: Attachment, replyTo: string | undefined): Promise<void>;
  resend(id: string): Promise<void>;
  discard(id: string): Promise<void>;
  edit(id: string, message: Outgoing): Promise<void>;
  /** Around the first message from that moment on. False: there is none. */
  loadAt(at: number): Promise<boolean>;
  putPoll(poll: NewPoll): Promise<void>;
  /** One's answers to a poll, in the place of the earlier ones. */
  vote(id: string, answers: readonly string[]): Promise<void>;
  endPoll(id: string, words: string): Promise<void>;
  /** Adds one's reaction, or takes it back. */
  react(id: string, emoji: string): Promise<void>;
  /** Tells those who run the service; the others see nothing of it. */
  report(id: string, reason: string): Promise<void>;
  /** Tells that everything up to the end has been read. */
  markRead(): Promise<void>;
}
