// SPDX-License-Identifier: EUPL-1.2
// What anybody may ask about an address: where it belongs, by the server's map, never who has an account.
import { ask, failureIn } from './http.ts';

/** Where an address belongs. */
export interface AddressInfo {
  readonly organisation: string | undefined;
  readonly external: boolean;
}

/** `homeserver`: a base address, without a slash at its end. */
export async function aboutAddress(homeserver: string, address: string): Promise<AddressInfo> {
  const query = new URLSearchParams({ medium: 'email', address });
  const answer = await ask('GET', `${homeserver}/_matrix/identity/api/v1/info?${query}`);
  // A server may have no such service: then nothing is known, and nothing is wrong.
  if (answer.status >= 300 && answer.body.errcode !== 'M_UNRECOGNIZED') throw failureIn(answer);
  const organisation = answer.body['org.chappe.organisation'];
  return {
    organisation: typeof organisation === 'string' ? organisation : undefined,
    external: answer.body['org.chappe.external'] === true,
  };
}

/** Enough to be worth asking; what an address is, the server alone decides. */
export const looksLikeAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
