// SPDX-License-Identifier: EUPL-1.2
// Where a robot confirms no device, the cryptography knows two ways: to share with all, or with those alone that
// somebody has marked on this device. The second is taken, and the marks are set here: all devices of who
// confirms none, and of everybody else those that they have confirmed. So one robot opens nobody else's account.
import { type Device, LocalTrust, type OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';

/** For what the server is asked about somebody meanwhile. */
const WAIT_S = 1;

type Machine = Pick<OlmMachine, 'getUserDevices'>;

const isLet = (device: Device, confirms: boolean): boolean => !confirms || device.isCrossSignedByOwner();

export class Allowed {
  private readonly machine: Machine;
  /** Whose devices are marked as they should be, until something of theirs changes. */
  private readonly marked = new Set<string>();
  private changes = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  forget(userId: string): void {
    this.changes++;
    this.marked.delete(userId);
  }

  async mark(userIds: readonly string[], confirms: (userId: string) => boolean): Promise<void> {
    const users = userIds.filter((userId) => !this.marked.has(userId));
    // Together: a server that is slow about all of them is waited for once.
    await Promise.all(users.map((userId) => this.markOne(userId, confirms(userId))));
  }

  private async markOne(userId: string, confirms: boolean): Promise<void> {
    const { changes } = this;
    const all = await this.machine.getUserDevices(new UserId(userId), WAIT_S);
    const devices = all.devices();
    try {
      for (const device of devices) {
        const { localTrustState: state } = device;
        const isOurs = state === LocalTrust.Ignored;
        // Other marks are not ours to change.
        if (!isOurs && state !== LocalTrust.Unset) continue;
        const next = isLet(device, confirms) ? LocalTrust.Ignored : LocalTrust.Unset;
        if (next !== state) await device.setLocalTrust(next);
      }
    } finally {
      for (const device of devices) device.free();
      all.free();
    }
    // Who has no device yet is asked of again.
    if (devices.length > 0 && changes === this.changes) this.marked.add(userId);
  }
}
