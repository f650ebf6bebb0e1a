// SPDX-License-Identifier: EUPL-1.2
// The cryptography store is not safe for two tabs at once: one holds it, another may take it over. It is
// asked for, and handed over once the tab that has it has let go; a tab that does not answer is passed over.

export interface Tabs {
  /** True: it is ours. `take`: another tab that has it is asked to let go. */
  hold(take: boolean): Promise<boolean>;
  /** What to do before another tab gets it; that one waits for the end of it, though not for ever. */
  onLost(listener: () => Promise<void>): void;
}

/** Of a BroadcastChannel. */
export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;

const LOCK = 'chappe';
const GIVE = 'give';
/** What another tab has to let go of it. */
const PATIENCE_MS = 5000;

export class LockedTabs implements Tabs {
  private readonly locks: LockManager;
  private readonly channel: TabChannel;
  private readonly patience: number;
  private lost: () => Promise<void> = async () => {};
  /** While it is ours. */
  private release: (() => void) | undefined;

  constructor(locks: LockManager, channel: TabChannel, patience = PATIENCE_MS) {
    this.locks = locks;
    this.channel = channel;
    this.patience = patience;
    channel.addEventListener('message', ({ data }) => {
      if (data === GIVE) void this.give();
    });
  }

  onLost(listener: () => Promise<void>): void {
    this.lost = listener;
  }

  async hold(take: boolean): Promise<boolean> {
    if (this.release || (await this.request({ ifAvailable: true }))) return true;
    if (!take) return false;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to pages of this origin alone
    this.channel.postMessage(GIVE);
    if (await this.request({ signal: AbortSignal.timeout(this.patience) })) return true;
    return this.request({ steal: true });
  }

  private async give(): Promise<void> {
    const { release } = this;
    if (!release) return;
    this.release = undefined;
    await this.lost().catch(() => {});
    release();
  }

  private request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      let mine: (() => void) | undefined;
      this.locks
        .request(LOCK, options, (lock) => {
          resolve(lock !== null);
          if (!lock) return undefined;
          // Held until the page goes away, or until it is handed over or stolen.
          return new Promise<void>((release) => {
            mine = release;
            this.release = release;
          });
        })
        .catch(() => {
          if (!mine) resolve(false);
          else if (this.release === mine) {
            this.release = undefined;
            void this.lost();
          }
        });
    });
  }
}
