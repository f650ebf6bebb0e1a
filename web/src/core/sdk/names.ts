// SPDX-License-Identifier: EUPL-1.2
// Names that people read: never an identifier with its server where the short name tells as much, and
// never an organisation twice.
import { type Room, type RoomNameState, RoomNameType } from 'matrix-js-sdk';
import type { Person } from '../rooms.ts';
import { str } from '../unchecked.ts';

interface Marks {
  external: boolean;
  organisation: string | undefined;
}

/** What our server says of a person in their profile, in results of its directory and in their member
 * events (docs/design/directory.md). Nobody can choose it. */
export function marksOf(content: Record<string, unknown> | undefined): Marks {
  const organisation = content?.['org.chappe.organisation'];
  return {
    external: content?.['org.chappe.external'] === true,
    organisation: typeof organisation === 'string' && organisation ? organisation : undefined,
  };
}

/** "camille" of "@camille:example.org"; any other text is itself. */
export const plainName = (name: string): string => /^@([^:]+):/.exec(name)?.[1] ?? name;

/** The name of somebody who may have none but their identifier. Names of an administration end with the
 * organisation in brackets, which is left out where it is known apart. */
export function nameOf(userId: string, name: string | undefined, organisation?: string): string {
  const plain = plainName(name || userId);
  return organisation ? plain.replace(/\s*\[[^\]]*\](?=$| \(@)/, '') || plain : plain;
}

export function personOf(id: string, name: unknown, content: Record<string, unknown> | undefined): Person {
  const marks = marksOf(content);
  return { id, name: nameOf(id, str(name), marks.organisation), ...marks };
}

/** Somebody as a room knows them, also after they have left. */
export function personIn(room: Room, userId: string): Person {
  const member = room.getMember(userId);
  const event = member?.events.member;
  const content = { ...event?.getPrevContent(), ...event?.getContent() };
  // The SDK compares names without hidden signs and with letters of other scripts for ours.
  if (!member?.disambiguate) return personOf(userId, member?.name, content);
  return { ...personOf(userId, member.rawDisplayName, content), apart: userId.slice(1) };
}

/** In one text. */
export const named = ({ name, apart }: Pick<Person, 'name' | 'apart'>): string =>
  apart ? `${name} (${apart})` : name;

export const nameIn = (room: Room, userId: string): string => named(personIn(room, userId));

/** For rooms without a name of their own: who is in them. Null leaves the SDK's. */
export function roomName(_: string, state: RoomNameState): string | null {
  if (state.type === RoomNameType.Generated) return state.names.map(plainName).join(', ');
  if (state.type === RoomNameType.EmptyRoom) return state.oldName ? plainName(state.oldName) : '—';
  return null;
}
