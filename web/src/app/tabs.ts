// SPDX-License-Identifier: EUPL-1.2
// The cryptography store is not safe for two tabs at once: one holds it, another may take it over.

export interface Tabs {
  /** True: it is ours. `take` does not ask whether another has it. */
  hold(take: boolean): Promise<boolean>;
  /** Calls back when another tab has taken it from us. */
  onLost(listener: () => void): void;
}

export class LockedTabs implements Tabs {
  private readonly locks: LockManager;
  private lost: () => void = () => {};

  constructor(locks: LockManager) {
    this.locks = locks;
  }

  onLost(listener: () => void): void {
    this.lost = listener;
  }

  hold(take: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      let ours = false;
      const options: LockOptions = take ? { steal: true } : { ifAvailable: true };
      this.locks
        .request('chappe', options, (lock) => {
          ours = lock !== null;
          resolve(ours);
          // Held until the page goes away, or until another tab steals it.
          return ours ? new Promise<void>(() => {}) : undefined;
        })
        .catch(() => {
          if (ours) this.lost();
          else resolve(false);
        });
    });
  }
}
