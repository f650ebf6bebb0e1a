// SPDX-License-Identifier: EUPL-1.2
import type { MatrixClient } from 'matrix-js-sdk';
import { afterEach, expect, test, vi } from 'vitest';
import type { Vault } from '../vault.ts';
import { OwnDevice } from './own-device.ts';

function scene() {
  const vault = new Map<string, unknown>();
  const trust = { crossSigningVerified: false };
  const client = {
    getSafeUserId: () => '@camille:x',
    getDeviceId: () => 'HERE',
    getCrypto: () => ({ getDeviceVerificationStatus: async () => trust }),
  } as unknown as MatrixClient;
  const visit = () =>
    new OwnDevice(client, {
      read: async (name: string) => vault.get(name),
      write: async (name: string, value: unknown) => void vault.set(name, value),
    } as unknown as Vault);
  return { trust, vault, visit };
}

test('a device is new until it is confirmed, and what it was is known at the next visit too', async () => {
  const { trust, visit } = scene();
  const device = visit();
  expect(await device.standing()).toBe('new');
  trust.crossSigningVerified = true;
  expect(await device.standing()).toBe('confirmed');
  trust.crossSigningVerified = false;
  expect(await device.standing()).toBe('lost');
  const later = visit();
  expect(await later.standing()).toBe('lost');
  trust.crossSigningVerified = true;
  expect(await later.standing()).toBe('confirmed');
});

test('after signing in anew it is a new device', async () => {
  const { trust, vault, visit } = scene();
  trust.crossSigningVerified = true;
  await visit().standing();
  vault.clear();
  trust.crossSigningVerified = false;
  expect(await visit().standing()).toBe('new');
});

test('while the vault cannot be read, nobody says that it is new', async () => {
  const { visit } = scene();
  const device = visit();
  (device as unknown as { vault: Vault }).vault.read = async () => {
    throw new Error('closed');
  };
  await expect(device.standing()).rejects.toThrow('closed');
});

afterEach(() => void vi.useRealTimers());

test('others know that it is confirmed a while after it is, and after it is so again', async () => {
  vi.useFakeTimers();
  const { trust, visit } = scene();
  const device = visit();
  await device.standing();
  expect(await device.isKnown(Date.now())).toBe(false);
  const confirm = async () => {
    trust.crossSigningVerified = true;
    await device.standing();
    const then = Date.now();
    expect(await device.isKnown(then)).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(await device.isKnown(Date.now())).toBe(true);
    // What was written before that is told later.
    expect(await device.isKnown(then)).toBe(false);
  };
  await confirm();
  expect(await visit().isKnown(Date.now())).toBe(true);
  trust.crossSigningVerified = false;
  await device.standing();
  expect(await device.isKnown(Date.now())).toBe(false);
  expect(await visit().isKnown(Date.now())).toBe(false);
  await confirm();
});
