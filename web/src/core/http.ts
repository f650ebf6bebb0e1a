// SPDX-License-Identifier: EUPL-1.2
// The few calls made before there is a session: without the SDK, which the first screen does not load.
import { Failure } from './failure.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  body: Json;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Any answer that is JSON, good or bad. A server that says something else answers rubbish. `keepalive`: it
 * outlives the page. */
export async function ask(
  method: 'GET' | 'POST',
  url: string,
  body?: Json,
  token?: string,
  keepalive = false,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      credentials: 'omit',
      keepalive,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Failure('OFFLINE');
  }
  const parsed: unknown = await response.json().catch(() => undefined);
  if (!isJson(parsed)) throw new Failure('RUBBISH', response.status);
  return { status: response.status, body: parsed };
}

export function failureIn({ status, body }: Answer): Failure {
  const code = typeof body.errcode === 'string' ? body.errcode : 'RUBBISH';
  const wait = body.retry_after_ms;
  const reason = body['org.chappe.reason'];
  return new Failure(code, status, {
    ...(typeof wait === 'number' ? { retryAfterMs: wait } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  });
}

/** A good answer's body. */
export async function call(method: 'GET' | 'POST', url: string, body?: Json): Promise<Json> {
  const answer = await ask(method, url, body);
  if (answer.status >= 300) throw failureIn(answer);
  return answer.body;
}
