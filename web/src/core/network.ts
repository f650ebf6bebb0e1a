// SPDX-License-Identifier: EUPL-1.2
// What the browser says of the network and of the page: the first to know that a cable is out, and the
// last moment at which something can be written down.

interface Told {
  readonly onDown: () => void;
  readonly onUp: () => void;
  /** The page may never be seen again. */
  readonly onHidden: () => void;
}

export class Network {
  private readonly told: Told;

  constructor(told: Told) {
    this.told = told;
  }

  /** False where nothing is known. */
  isDown(): boolean {
    return navigator.onLine === false;
  }

  listen(): void {
    window.addEventListener('offline', this.told.onDown);
    window.addEventListener('online', this.told.onUp);
    document.addEventListener('visibilitychange', this.look);
    window.addEventListener('pagehide', this.told.onHidden);
  }

  private readonly look = (): void => {
    if (document.visibilityState === 'hidden') this.told.onHidden();
  };

  close(): void {
    window.removeEventListener('offline', this.told.onDown);
    window.removeEventListener('online', this.told.onUp);
    document.removeEventListener('visibilitychange', this.look);
    window.removeEventListener('pagehide', this.told.onHidden);
  }
}
