// SPDX-License-Identifier: EUPL-1.2
// Whether this device notifies, and what a notification may say: of this device alone, since others may
// look over its shoulder and not over that of another. Kept in the vault, so it ends with signing out.
import { Cell, type Live } from './live.ts';
import type { Vault } from './vault.ts';

export interface Choice {
  readonly on: boolean;
  /** Names and the text of messages are shown. */
  readonly content: boolean;
}

const NAME = 'notices';
const NOTHING: Choice = { on: false, content: false };

export class NoticeChoices {
  private readonly vault: Vault;
  private readonly cell = new Cell<Choice>(NOTHING);

  constructor(vault: Vault) {
    this.vault = vault;
  }

  get choice(): Live<Choice> {
    return this.cell;
  }

  async load(): Promise<void> {
    const kept = await this.vault.read<Partial<Choice>>(NAME).catch(() => undefined);
    this.cell.set({ on: kept?.on === true, content: kept?.content === true });
  }

  async set(part: Partial<Choice>): Promise<void> {
    this.cell.patch(part);
    await this.vault.write(NAME, this.cell.get());
  }
}
