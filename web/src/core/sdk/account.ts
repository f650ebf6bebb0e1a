// SPDX-License-Identifier: EUPL-1.2
import type { MatrixClient } from 'matrix-js-sdk';
import type { Account, Device } from '../account.ts';
import { call, type Json } from '../http.ts';
import { withPassword } from './authenticating.ts';
import { telling } from './telling.ts';

/** Where the server does not say. */
const PASSWORD_LEAST = 12;

export class SdkAccount implements Account {
  private readonly client: MatrixClient;

  constructor(client: MatrixClient) {
    this.client = client;
  }

  address(): Promise<string | undefined> {
    return telling(async () => {
      const { threepids } = await this.client.getThreePids();
      return threepids.find((one) => one.medium === 'email')?.address;
    });
  }

  async passwordLeast(): Promise<number> {
    const base = this.client.getHomeserverUrl().replace(/\/$/, '');
    const policy = await call('GET', `${base}/_matrix/client/v3/password_policy`).catch(() => ({}) as Json);
    const least = policy['m.minimum_length'];
    return typeof least === 'number' ? least : PASSWORD_LEAST;
  }

  changePassword(old: string, next: string, others: boolean): Promise<void> {
    return telling(
      async () =>
        void (await withPassword(this.client, old, (auth) =>
          this.client.setPassword(auth ?? ({} as never), next, others),
        )),
    );
  }

  devices(): Promise<readonly Device[]> {
    return telling(async () => {
      const { devices } = await this.client.getDevices();
      const standIns = await this.standIns();
      const people = devices.filter((one) => !standIns.has(one.device_id));
      const all = await Promise.all(
        people.map(async (one) => ({
          id: one.device_id,
          name: one.display_name || one.device_id,
          lastSeen: one.last_seen_ts,
          current: one.device_id === this.client.getDeviceId(),
          trusted: await this.isTrusted(one.device_id),
        })),
      );
      return all.toSorted(
        (a, b) => Number(b.current) - Number(a.current) || (b.lastSeen ?? 0) - (a.lastSeen ?? 0),
      );
    });
  }

  /** Devices of nobody (stand-in.ts): none that a person would know. */
  private async standIns(): Promise<ReadonlySet<string>> {
    const userId = this.client.getSafeUserId();
    const known = await this.client.getCrypto()?.getUserDeviceInfo([userId]);
    const devices = [...(known?.get(userId)?.values() ?? [])];
    return new Set(devices.filter((one) => one.dehydrated).map((one) => one.deviceId));
  }

  private async isTrusted(id: string): Promise<boolean> {
    const userId = this.client.getSafeUserId();
    const status = await this.client.getCrypto()?.getDeviceVerificationStatus(userId, id);
    return status?.signedByOwner === true;
  }

  renameDevice(id: string, name: string): Promise<void> {
    return telling(async () => void (await this.client.setDeviceDetails(id, { display_name: name })));
  }

  signOutDevices(ids: readonly string[], password: string): Promise<void> {
    return telling(
      async () =>
        void (await withPassword(this.client, password, (auth) =>
          this.client.deleteMultipleDevices([...ids], auth ?? undefined),
        )),
    );
  }

  close(password: string): Promise<void> {
    return telling(
      async () =>
        void (await withPassword(this.client, password, (auth) =>
          this.client.deactivateAccount(auth ?? undefined, false),
        )),
    );
  }
}
