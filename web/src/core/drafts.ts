// SPDX-License-Identifier: EUPL-1.2
// What was typed or chosen and not sent, for each room, in the vault: a crash or a closed page loses none. And
// whether one types with the buttons of the layout beside.
import { type KeptFiles, keptFilesOf } from './kept-files.ts';
import type { Vault } from './vault.ts';

const NAME = 'drafts';
/** In the place of a room; no room is called so. */
const LAYOUT = 'layout';

export class Drafts {
  readonly files: KeptFiles;
  private readonly vault: Vault;
  private kept: Promise<Record<string, string>> | undefined;
  private writing: Promise<void> | undefined;
  private changed = false;

  constructor(vault: Vault) {
    this.vault = vault;
    this.files = keptFilesOf(vault);
  }

  private all(): Promise<Record<string, string>> {
    this.kept ??= this.vault.read<Record<string, string>>(NAME).then((drafts) => drafts ?? {});
    return this.kept;
  }

  async read(roomId: string): Promise<string> {
    return (await this.all())[roomId] ?? '';
  }

  /** In the order of the calls; an empty text forgets. */
  async write(roomId: string, text: string): Promise<void> {
    const drafts = await this.all();
    if (text) drafts[roomId] = text;
    else delete drafts[roomId];
    this.changed = true;
    this.writing ??= this.keep(drafts);
    await this.writing;
  }

  async showsLayout(): Promise<boolean> {
    return (await this.read(LAYOUT)) !== '';
  }

  async showLayout(shown: boolean): Promise<void> {
    await this.write(LAYOUT, shown ? 'shown' : '');
  }

  // What was typed while one was written is written once, so that the last is never far behind.
  private async keep(drafts: Record<string, string>): Promise<void> {
    while (this.changed) {
      this.changed = false;
      await this.vault.write(NAME, drafts).catch(() => {});
    }
    this.writing = undefined;
  }
}
