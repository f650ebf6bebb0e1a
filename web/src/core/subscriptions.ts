// SPDX-License-Identifier: EUPL-1.2
// The subscription of this browser to its push service: Push API, RFC 8291.
import type { PageWorker } from './page-worker.ts';
import type { PushAddress } from './push.ts';

export interface Subscriptions {
  get(): Promise<PushAddress | undefined>;
  /** The one there is, when it was made with this key, else a new one. Rejects when the browser cannot. */
  make(publicKey: string): Promise<PushAddress>;
  /** Nothing comes any more, and what came is shown no more: it names who writes to the account that goes.
   * Also of an earlier visit, before this one has heard from the server. Never fails. */
  drop(): Promise<void>;
}

export const toBase64Url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));

function addressOf(subscription: PushSubscription): PushAddress {
  const p256dh = subscription.getKey('p256dh');
  const auth = subscription.getKey('auth');
  if (!p256dh || !auth) throw new Error('a subscription without keys');
  return { endpoint: subscription.endpoint, p256dh: toBase64Url(p256dh), auth: toBase64Url(auth) };
}

export class BrowserSubscriptions implements Subscriptions {
  private readonly worker: PageWorker;

  constructor(worker: PageWorker) {
    this.worker = worker;
  }

  private async current(): Promise<PushSubscription | undefined> {
    return (await this.worker.registration?.pushManager?.getSubscription()) ?? undefined;
  }

  async get(): Promise<PushAddress | undefined> {
    const subscription = await this.current();
    return subscription && addressOf(subscription);
  }

  async make(publicKey: string): Promise<PushAddress> {
    const manager = this.worker.registration?.pushManager;
    if (!manager) throw new Error('no push in this browser');
    const before = await this.current();
    const madeWith = before?.options.applicationServerKey;
    if (before && madeWith && toBase64Url(madeWith) === publicKey) return addressOf(before);
    await before?.unsubscribe();
    const applicationServerKey = fromBase64Url(publicKey);
    return addressOf(await manager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  }

  async drop(): Promise<void> {
    const registration = await this.worker.find();
    const subscription = await registration?.pushManager?.getSubscription().catch(() => undefined);
    await subscription?.unsubscribe().catch(() => {});
    const shown = await registration?.getNotifications?.().catch(() => undefined);
    for (const one of shown ?? []) one.close();
    await globalThis.navigator?.clearAppBadge?.().catch(() => {});
  }
}
