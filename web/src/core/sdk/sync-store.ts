// SPDX-License-Identifier: EUPL-1.2
import { IndexedDBStore } from 'matrix-js-sdk';

/** Of a visit that has just begun. */
const QUIET_MS = 20_000;

/** The SDK's copy of the last sync. It would be written anew with the first answer of each visit, which with a
 * thousand rooms holds the page up for half a second, in the middle of what one has come for. It is written
 * when the page is hidden or the network goes, and every five minutes. */
export class SyncStore extends IndexedDBStore {
  private readonly begun = Date.now();

  override wantsSave(): boolean {
    return Date.now() - this.begun > QUIET_MS && super.wantsSave();
  }
}
