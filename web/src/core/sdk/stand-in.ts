// SPDX-License-Identifier: EUPL-1.2
// A device that is nobody's (MSC3814): the server keeps it, sealed under a secret of the account, and it
// receives keys while none is signed in. The next device that the code lets in opens it, takes what it has
// received, and leaves another.
import type { MatrixClient } from 'matrix-js-sdk';
import type { StartDehydrationOpts } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { Vault } from '../vault.ts';

const NAME = 'standIn';
/** Its one-time keys are used up in time. */
const RENEWED_MS = 7 * 24 * 3600 * 1000;

export class StandIn {
  private readonly client: MatrixClient;
  private readonly vault: Vault;
  private looked = false;

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.vault = vault;
  }

  /** The account's secrets have just been made: what an earlier one received cannot be read any more. */
  make(): Promise<void> {
    return this.leave({ createNewKey: true, rehydrate: false });
  }

  /** The account's secrets have just been opened. */
  takeOver(): Promise<void> {
    return this.leave({});
  }

  /** Once a visit. */
  async renew(): Promise<void> {
    if (this.looked) return;
    this.looked = true;
    const at = await this.vault.read<number>(NAME).catch(() => undefined);
    if (at !== undefined && Date.now() - at > RENEWED_MS)
      await this.leave({ onlyIfKeyCached: true, rehydrate: false });
  }

  /** Without one, messages of that time are opened by the keys of other devices, or by who sends them anew. */
  private async leave(how: StartDehydrationOpts): Promise<void> {
    const crypto = this.client.getCrypto();
    this.looked = true;
    try {
      if (!crypto || !(await crypto.isDehydrationSupported())) return;
      await crypto.startDehydration(how);
      await this.vault.write(NAME, Date.now());
    } catch {
      this.looked = false;
    }
  }
}
