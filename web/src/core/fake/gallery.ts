// SPDX-License-Identifier: EUPL-1.2
import type { Gallery, GalleryState } from '../gallery.ts';
import { Cell } from '../live.ts';

export class FakeGallery implements Gallery {
  readonly state = new Cell<GalleryState>({ items: [], atStart: true, loading: false, failure: undefined });

  async more(): Promise<void> {}
}
