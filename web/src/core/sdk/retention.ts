// SPDX-License-Identifier: EUPL-1.2
// How long the server keeps the messages of a room (MSC1763, docs/design/retention.md).
import { type MatrixClient, Method, type Room } from 'matrix-js-sdk';

export const RETENTION = 'm.room.retention';
const API = '/_matrix/client/unstable/org.matrix.msc1763';

/** What a server answers; {} where it erases nothing. Lifetimes are in milliseconds. */
export interface Configuration {
  policies?: { '*'?: { max_lifetime?: number | null } };
  limits?: { max_lifetime?: { min?: number | null; max?: number | null } };
}

export const configurationOf = (client: MatrixClient): Promise<Configuration> =>
  client.http.authedRequest<Configuration>(Method.Get, '/retention/configuration', undefined, undefined, {
    prefix: API,
  });

const lifetime = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 ? value : undefined;

/** In force in a room; undefined: for ever. */
export function lifetimeIn(room: Room, { policies, limits }: Configuration): number | undefined {
  if (!limits) return undefined;
  const said = room.currentState.getStateEvents(RETENTION, '')?.getContent();
  if (!said) return lifetime(policies?.['*']?.max_lifetime);
  const wanted = Math.max(lifetime(said.max_lifetime) ?? Infinity, lifetime(said.min_lifetime) ?? 0);
  const { min, max } = limits.max_lifetime ?? {};
  const bounded = Math.min(Math.max(wanted, lifetime(min) ?? 0), lifetime(max) ?? Infinity);
  return Number.isFinite(bounded) ? bounded : undefined;
}
