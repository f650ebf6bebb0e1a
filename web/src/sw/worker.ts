// SPDX-License-Identifier: EUPL-1.2
// The service worker: /sw.js. It keeps the files of the client, and speaks while no page is open. It has
// no token, and asks the API for nothing.
import { Calls, readPush } from './Calls.ts';
import { FILES, VERSION } from './files.ts';
import type { NoticeData, ToPage, ToWorker } from './messages.ts';
import { isQuiet, quietOf } from './quiet.ts';
import { Shell } from './Shell.ts';

declare const self: ServiceWorkerGlobalScope;

/** What the page has told us to remember; gone with the rest of the site's data. */
const CHOICES = 'chappe-choices';
const LANGUAGE = '/language';
const QUIET = '/quiet';

async function language(): Promise<'fr' | 'en'> {
  const kept = await (await caches.open(CHOICES)).match(LANGUAGE);
  return (await kept?.text()) === 'en' ? 'en' : 'fr';
}

async function quiet(): Promise<boolean> {
  const kept = await (await caches.open(CHOICES)).match(QUIET);
  return isQuiet(quietOf(await kept?.json().catch(() => undefined)), new Date());
}

const remember = async (name: string, value: string): Promise<void> =>
  (await caches.open(CHOICES)).put(name, new Response(value));

async function pages() {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter((one) => new URL(one.url).pathname === '/');
}

const shell = new Shell({
  caches: self.caches,
  fetch: self.fetch.bind(self),
  origin: self.location.origin,
  files: FILES,
  version: VERSION,
});

const calls = new Calls({
  pages,
  openWindow: (address) => self.clients.openWindow(address),
  shown: (tag) => self.registration.getNotifications({ tag }),
  show: (title, options) => self.registration.showNotification(title, options),
  badge: async (count) => {
    await (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => {});
  },
  language,
  quiet,
});

/** Where the browser can be told so, requests of the API do not even wake us. */
async function leaveApi(event: ExtendableEvent): Promise<void> {
  const { addRoutes } = event as ExtendableEvent & { addRoutes?: (routes: object) => Promise<void> };
  await addRoutes
    ?.call(event, { condition: { urlPattern: { pathname: '/_matrix/*' } }, source: 'network' })
    .catch(() => {});
}

self.addEventListener('install', (event) => event.waitUntil(Promise.all([shell.install(), leaveApi(event)])));

self.addEventListener('activate', (event) =>
  event.waitUntil(shell.activate().then(() => self.clients.claim())),
);

self.addEventListener('fetch', (event) => {
  const path = shell.pathOf(event.request);
  if (path === undefined) return;
  event.respondWith(shell.answer(path, event.request));
  if (path === '/') event.waitUntil(shell.refreshPage());
});

self.addEventListener('message', (event) => {
  const message = event.data as ToWorker;
  if (message.kind === 'update') event.waitUntil(self.skipWaiting());
  if (message.kind === 'language') event.waitUntil(remember(LANGUAGE, message.language));
  if (message.kind === 'quiet') event.waitUntil(remember(QUIET, JSON.stringify(message.quiet)));
});

self.addEventListener('push', (event) => event.waitUntil(calls.pushed(readPush(event.data?.text()))));

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(calls.chosen(event.notification.data as NoticeData | null));
});

/** The browser has changed the address it is reached at: an open page subscribes anew. */
self.addEventListener('pushsubscriptionchange', (event) =>
  event.waitUntil(
    pages().then((open) => {
      for (const page of open) page.postMessage({ kind: 'subscription' } satisfies ToPage);
    }),
  ),
);
