// SPDX-License-Identifier: EUPL-1.2
// Addresses of scripts that run beside the page (workers). The page takes them from one policy only, and
// that takes files of this client only: see "The policy" in docs/design/web.md.

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL: (url: string) => string;
  };
}

/** `address` when it is the service worker or a file of the build; anything else throws. */
export function ownScript(address: string): string {
  const { pathname, search, hash } = new URL(address, 'https://own.invalid');
  const own = pathname === '/sw.js' || /^\/assets\/[\w.-]+\.js$/.test(pathname);
  if (!own || search || hash || address !== pathname) throw new TypeError(`not a script of ours: ${address}`);
  return address;
}

// One for the page: the policy lets one of its name be made.
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('chappe', {
  createScriptURL: ownScript,
});

/** What `new Worker` and `register` take; typed as they are in browsers without Trusted Types. */
export const scriptUrl = (address: string): string => policy?.createScriptURL(address) ?? ownScript(address);
