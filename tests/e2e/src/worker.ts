// SPDX-License-Identifier: EUPL-1.2
// The service worker of a page, as a test sees it.
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

/** It is there, has kept its files, and answers this page. */
export async function workerReady(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  });
}

export interface Shown {
  title: string;
  body: string;
  tag: string;
}

/** The notifications of the system that stand there. */
export const shown = (page: Page): Promise<Shown[]> =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration('/');
    const all = (await registration?.getNotifications()) ?? [];
    return all.map(({ title, body, tag }) => ({ title, body, tag }));
  });

/** A push from nowhere: Debian's Chromium has no push service, and its debugger can bring one all the same. */
export async function deliverPush(page: Page, data: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  let registrationId: string | undefined;
  cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registrationId ??= registrations.find((one) => one.scopeURL === `${origin}/`)?.registrationId;
  });
  await cdp.send('ServiceWorker.enable');
  await expect.poll(() => registrationId, { timeout: 60_000 }).toBeDefined();
  await cdp.send('ServiceWorker.deliverPushMessage', { origin, registrationId: registrationId ?? '', data });
  await cdp.detach();
}

/** Somebody chooses the notification with that tag; the address that the worker then opens in a new window, if
 * it does. Only a real press lets a worker open one: the opening itself is replaced. */
export async function chooseNotification(context: BrowserContext, tag: string): Promise<string | undefined> {
  const [worker] = context.serviceWorkers();
  return worker?.evaluate(async (wanted) => {
    const scope = globalThis as unknown as {
      registration: ServiceWorkerRegistration;
      clients: { openWindow(address: string): Promise<unknown> };
      dispatchEvent(event: Event): boolean;
      NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
    };
    let opened: string | undefined;
    scope.clients.openWindow = async (address) => {
      opened = address;
    };
    const [notification] = await scope.registration.getNotifications({ tag: wanted });
    if (!notification) return undefined;
    const event = new scope.NotificationEvent('notificationclick', { notification });
    const over: Promise<unknown>[] = [];
    Object.assign(event, { waitUntil: (promise: Promise<unknown>) => over.push(promise) });
    scope.dispatchEvent(event);
    await Promise.all(over);
    return opened;
  }, tag);
}
