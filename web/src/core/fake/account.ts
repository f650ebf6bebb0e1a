// SPDX-License-Identifier: EUPL-1.2
import type { Account, Device } from '../account.ts';
import { Failure } from '../failure.ts';

export class FakeAccount implements Account {
  password = 'un mot de passe';
  closed = false;
  kept: Device[] = [
    { id: 'DEVICE', name: 'Ici', lastSeen: 2, current: true, trusted: true },
    { id: 'OTHER', name: 'Ailleurs', lastSeen: 1, current: false, trusted: false },
  ];
  /** Thrown by the next call. */
  failing: Failure | undefined;

  private check(password = this.password): void {
    const failure =
      this.failing ?? (password === this.password ? undefined : new Failure('M_FORBIDDEN', 401));
    this.failing = undefined;
    if (failure) throw failure;
  }

  async address(): Promise<string | undefined> {
    this.check();
    return 'camille.durand@interieur.example';
  }

  async passwordLeast(): Promise<number> {
    return 12;
  }

  async changePassword(old: string, next: string, others: boolean): Promise<void> {
    this.check(old);
    this.password = next;
    if (others) this.kept = this.kept.filter((device) => device.current);
  }

  async devices(): Promise<readonly Device[]> {
    this.check();
    return this.kept;
  }

  async renameDevice(id: string, name: string): Promise<void> {
    this.check();
    this.kept = this.kept.map((device) => (device.id === id ? { ...device, name } : device));
  }

  async signOutDevices(ids: readonly string[], password: string): Promise<void> {
    this.check(password);
    this.kept = this.kept.filter((device) => !ids.includes(device.id));
  }

  async close(password: string): Promise<void> {
    this.check(password);
    this.closed = true;
  }
}
