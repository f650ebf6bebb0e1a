// SPDX-License-Identifier: EUPL-1.2
// Installing the client as an application. Browsers that let a page ask for it say so with an event that
// must be kept; the others have it in their menus.
import { Cell, type Live } from '../../core/live.ts';

/** What of the window is used. */
export interface PageWindow extends EventTarget {
  matchMedia(query: string): { readonly matches: boolean };
}

interface InstallOffer extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export type InstallState = 'none' | 'offered' | 'installed';

export class InstallModel {
  private readonly cell: Cell<InstallState>;
  private offer: InstallOffer | undefined;

  constructor(page: PageWindow) {
    const own = page.matchMedia('(display-mode: standalone)').matches;
    this.cell = new Cell<InstallState>(own ? 'installed' : 'none');
    page.addEventListener('beforeinstallprompt', (event) => {
      // The browser's own banner would come over what one is doing.
      event.preventDefault();
      this.offer = event as InstallOffer;
      this.cell.set('offered');
    });
    page.addEventListener('appinstalled', () => this.cell.set('installed'));
  }

  get state(): Live<InstallState> {
    return this.cell;
  }

  /** The browser asks its own question; an offer is good for once. */
  async install(): Promise<void> {
    const offer = this.offer;
    this.offer = undefined;
    if (!offer) return;
    this.cell.set('none');
    const { outcome } = await offer.prompt();
    if (outcome === 'accepted') this.cell.set('installed');
  }
}
