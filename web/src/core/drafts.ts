// SPDX-License-Identifier: EUPL-1.2
// What was typed or chosen and not sent, for each room, in the vault: a crash or a closed page loses none. And
// whether one types with the buttons of the layout beside.
import type { Mentioned } from './timeline.ts';
import { type KeptFiles, keptFilesOf } from './kept-files.ts';
import type { Vault } from './vault.ts';

type Kept = string | { readonly text: string; readonly mentioned: readonly Mentioned[] };

const NAME = 'drafts';
/** In the place of a room; no room is called so. */
const LAYOUT = 'layout';

export class Drafts {
  readonly files: KeptFiles;
  private readonly vault: Vault;
  private kept: Promise<Record<string, Kept>> | undefined;
  private writing: Promise<void> | undefined;
  private changed = false;

  constructor(vault: Vault) {
    this.vault = vault;
    this.files = keptFilesOf(vault);
  }

  /** One that could not be read is read again when it is next asked for: nothing is written over it. */
  private all(): Promise<Record<string, Kept>> {
    this.kept ??= this.vault.read<Record<string, Kept>>(NAME).then(
      (drafts) => drafts ?? {},
      (error: unknown) => {
        this.kept = undefined;
        throw error;
      },
    );
    return this.kept;
  }

  async read(roomId: string): Promise<string> {
    const kept = (await this.all())[roomId];
    return typeof kept === 'object' ? kept.text : (kept ?? '');
  }

  /** Who is mentioned in it. */
  async mentioned(roomId: string): Promise<readonly Mentioned[]> {
    const kept = (await this.all())[roomId];
    return typeof kept === 'object' ? kept.mentioned : [];
  }

  /** In the order of the calls; an empty text forgets. */
  async write(roomId: string, text: string, mentioned: readonly Mentioned[] = []): Promise<void> {
    const drafts = await this.all();
    if (!text) delete drafts[roomId];
    else drafts[roomId] = mentioned.length > 0 ? { text, mentioned } : text;
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
  private async keep(drafts: Record<string, Kept>): Promise<void> {
    while (this.changed) {
      this.changed = false;
      await this.vault.write(NAME, drafts).catch(() => {});
    }
    this.writing = undefined;
  }
}
