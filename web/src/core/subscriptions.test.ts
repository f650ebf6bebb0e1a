// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { PageWorker } from './page-worker.ts';
import { BrowserSubscriptions, fromBase64Url, toBase64Url } from './subscriptions.ts';

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

function manager() {
  let current: object | null = null;
  let made = 0;
  const subscribe = async ({ applicationServerKey }: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
    made++;
    current = {
      endpoint: `https://push.example/${made}`,
      options: { applicationServerKey: applicationServerKey.buffer },
      getKey: (name: string) => (name === 'auth' ? bytes(251, 255) : bytes(4, made)),
      unsubscribe: async () => {
        current = null;
        return true;
      },
    };
    return current;
  };
  return { subscribe, getSubscription: async () => current };
}

test('what is kept of a subscription is kept as base64url without padding', () => {
  expect(toBase64Url(bytes(251, 255, 254))).toBe('-__-');
  expect([...fromBase64Url('-__-')]).toEqual([251, 255, 254]);
  expect(toBase64Url(bytes(1))).toBe('AQ');
});

test('a subscription is made once for a public key of the server, and anew for another', async () => {
  const pushManager = manager();
  const registration = { pushManager };
  const worker = { registration, find: async () => registration } as unknown as PageWorker;
  const subscriptions = new BrowserSubscriptions(worker);
  expect(await subscriptions.get()).toBeUndefined();
  const one = await subscriptions.make('BAE');
  expect(one).toEqual({ endpoint: 'https://push.example/1', p256dh: 'BAE', auth: '-_8' });
  expect(await subscriptions.make('BAE')).toEqual(one);
  expect((await subscriptions.make('BAI')).endpoint).toBe('https://push.example/2');
  await subscriptions.drop();
  expect(await subscriptions.get()).toBeUndefined();
});

test('a browser without pushes says so, and can be signed out of', async () => {
  const subscriptions = new BrowserSubscriptions({
    registration: undefined,
    find: async () => undefined,
  } as unknown as PageWorker);
  await expect(subscriptions.make('BAE')).rejects.toThrow('no push');
  await subscriptions.drop();
});

test('[UX-14] signing out before the worker has begun ends the pushes of an earlier visit, and takes away what they show', async () => {
  const pushManager = manager();
  await pushManager.subscribe({ applicationServerKey: Uint8Array.of(1) });
  let shown = 2;
  const getNotifications = async () => [1, 2].map(() => ({ close: () => void shown-- }));
  const container = {
    addEventListener: () => {},
    getRegistration: async () => ({ pushManager, getNotifications }),
  } as unknown as ServiceWorkerContainer;
  const worker = new PageWorker({ container, reload: () => {} });
  expect(worker.registration).toBeUndefined();
  await new BrowserSubscriptions(worker).drop();
  expect(await pushManager.getSubscription()).toBeNull();
  expect(shown).toBe(0);
});
