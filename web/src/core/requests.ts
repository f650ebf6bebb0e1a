// SPDX-License-Identifier: EUPL-1.2
// Requests that end with what they are for: a tab that has lost its session to another goes on with nothing
// of it. A refresh token that it would still spend ends the session of both.
import type { Sender } from './sending.ts';

type Fetch = typeof globalThis.fetch;

const bothOf = (signal: AbortSignal, other: AbortSignal | null | undefined): AbortSignal =>
  other ? AbortSignal.any([signal, other]) : signal;

/** Rejects, from the signal on, as fetch does when it is aborted. */
export const fetchUntil =
  (signal: AbortSignal, send: Fetch = globalThis.fetch.bind(globalThis)): Fetch =>
  async (input, init) => {
    signal.throwIfAborted();
    return send(input, { ...init, signal: bothOf(signal, init?.signal) });
  };

export const sendUntil =
  (signal: AbortSignal, send: Sender): Sender =>
  (sending) =>
    send({ ...sending, signal: bothOf(signal, sending.signal) });
