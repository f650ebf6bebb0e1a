// SPDX-License-Identifier: EUPL-1.2
import { Cell } from '../live.ts';
import type { Saved, SavedMessage, SavedPlace } from '../saved.ts';
import { fakeMessage } from './timeline.ts';

export class FakeSaved implements Saved {
  readonly list = new Cell<readonly SavedPlace[]>([]);

  async set({ roomId, id }: SavedPlace, saved: boolean): Promise<void> {
    const others = this.list.get().filter((one) => one.id !== id);
    this.list.set(saved ? [{ roomId, id }, ...others] : others);
  }

  async load(places: readonly SavedPlace[]): Promise<readonly SavedMessage[]> {
    return places.map((place) => ({ ...place, message: fakeMessage({ id: place.id }) }));
  }
}
