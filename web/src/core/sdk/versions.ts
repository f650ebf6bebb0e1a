// SPDX-License-Identifier: EUPL-1.2
// The SDK asks what the server can do before it shows anything of the last visit. The server's answer of
// that visit serves instead, once, so that the first conversations wait for no network; the answer of this
// visit serves the next.
import type { Vault } from '../vault.ts';

type Fetch = typeof globalThis.fetch;
const NAME = 'versions';

const pathOf = (input: RequestInfo | URL): string =>
  new URL(input instanceof Request ? input.url : String(input)).pathname;

export async function withLastVersions(send: Fetch, vault: Vault): Promise<Fetch> {
  const last = await vault.read<object>(NAME).catch(() => undefined);
  const ask: Fetch = async (input, init) => {
    const answer = await send(input, init);
    if (answer.ok) await vault.write(NAME, await answer.clone().json()).catch(() => {});
    return answer;
  };
  let asked = false;
  return (input, init) => {
    // Later ones are to know whether the server is there: they go to it.
    if (asked || pathOf(input) !== '/_matrix/client/versions') return send(input, init);
    asked = true;
    const fresh = ask(input, init);
    if (!last) return fresh;
    fresh.catch(() => {});
    return Promise.resolve(Response.json(last));
  };
}
