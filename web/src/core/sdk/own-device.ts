// SPDX-License-Identifier: EUPL-1.2
// Whether this device is confirmed by its owner, and whether it once was. Whoever runs the server can make a
// confirmed device look like a new one, by giving the account another identity: a new device may write to all
// devices (recipients.ts), one that was confirmed may not. So that it was is kept in the vault, as long as
// the device is signed in.
import type { MatrixClient } from 'matrix-js-sdk';
import type { Vault } from '../vault.ts';

const NAME = 'confirmed';

/** Until others know that it is confirmed, and write for it too. */
const KNOWN_AFTER_MS = 60_000;

/** new: not confirmed yet; lost: it was, and is no more. */
type Standing = 'new' | 'confirmed' | 'lost';

interface Kept {
  /** When it was first seen to be confirmed, or to be so again, by this device's clock. */
  since: number;
  lost?: boolean;
}

export class OwnDevice {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private kept: Promise<Kept | undefined> | undefined;

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.vault = vault;
  }

  /** Rejects when the vault cannot be read: it is not known then. */
  async standing(): Promise<Standing> {
    const { client } = this;
    const device = client.getDeviceId() ?? '';
    const trust = await client.getCrypto()?.getDeviceVerificationStatus(client.getSafeUserId(), device);
    const before = await this.read();
    if (trust?.crossSigningVerified) {
      if (!before || before.lost) this.note({ since: Date.now() });
      return 'confirmed';
    }
    if (!before) return 'new';
    if (!before.lost) this.note({ ...before, lost: true });
    return 'lost';
  }

  /** What others have written since then came with its key to this device; before that, another device of its
   * owner has put it into the backup. Rejects like `standing`, and goes by what that has last found. */
  async isKnown(at: number): Promise<boolean> {
    const kept = await this.read();
    return kept !== undefined && !kept.lost && at - kept.since >= KNOWN_AFTER_MS;
  }

  private read(): Promise<Kept | undefined> {
    this.kept ??= this.vault.read<Kept>(NAME).catch((error: unknown) => {
      this.kept = undefined;
      throw error;
    });
    return this.kept;
  }

  private note(kept: Kept): void {
    this.kept = Promise.resolve(kept);
    this.vault.write(NAME, kept).catch(() => {});
  }
}
