// SPDX-License-Identifier: EUPL-1.2
// Names that people read: never an identifier with its server where the short name tells as much.
import { type RoomNameState, RoomNameType } from 'matrix-js-sdk';

/** "camille" of "@camille:example.org"; any other text is itself. */
export const plainName = (name: string): string => /^@([^:]+):/.exec(name)?.[1] ?? name;

/** The name of somebody who may have none but their identifier. */
export const nameOf = (userId: string, name: string | undefined): string => plainName(name || userId);

/** For rooms without a name of their own: who is in them. Null leaves the SDK's. */
export function roomName(_: string, state: RoomNameState): string | null {
  if (state.type === RoomNameType.Generated) return state.names.map(plainName).join(', ');
  if (state.type === RoomNameType.EmptyRoom) return state.oldName ? plainName(state.oldName) : '—';
  return null;
}
