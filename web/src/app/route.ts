// SPDX-License-Identifier: EUPL-1.2
// Where one is, as the fragment of the address: identifiers of rooms and messages never reach a server's
// log through it. An address that means nothing is the list of conversations.

export type Route =
  | { readonly at: 'rooms' }
  | { readonly at: 'room'; readonly roomId: string; readonly eventId: string | undefined }
  | { readonly at: 'settings' }
  | { readonly at: 'saved' }
  | { readonly at: 'signIn' }
  /** The address is of who comes from the mail of an invitation. */
  | { readonly at: 'signUp'; readonly address?: string | undefined }
  | { readonly at: 'reset' };

const WORDS = {
  settings: 'reglages',
  saved: 'messages-gardes',
  signIn: 'connexion',
  signUp: 'inscription',
  reset: 'mot-de-passe',
} as const;

function plain(part: string | undefined): string | undefined {
  try {
    return part ? decodeURIComponent(part) : undefined;
  } catch {
    return undefined;
  }
}

export function parseRoute(hash: string): Route {
  const [, word, first, second] = hash.replace(/^#/, '').split('/');
  if (word === WORDS.settings) return { at: 'settings' };
  if (word === WORDS.saved) return { at: 'saved' };
  if (word === WORDS.signIn) return { at: 'signIn' };
  if (word === WORDS.signUp) return { at: 'signUp', address: plain(first) };
  if (word === WORDS.reset) return { at: 'reset' };
  const roomId = plain(first);
  if (word === 'salon' && roomId) return { at: 'room', roomId, eventId: plain(second) };
  return { at: 'rooms' };
}

export function hrefOf(route: Route): string {
  if (route.at === 'rooms') return '#/';
  if (route.at === 'signUp' && route.address) return `#/${WORDS.signUp}/${encodeURIComponent(route.address)}`;
  if (route.at !== 'room') return `#/${WORDS[route.at]}`;
  const event = route.eventId ? `/${encodeURIComponent(route.eventId)}` : '';
  return `#/salon/${encodeURIComponent(route.roomId)}${event}`;
}
