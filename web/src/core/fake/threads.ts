// SPDX-License-Identifier: EUPL-1.2
import { Cell } from '../live.ts';
import type { Pins } from '../pins.ts';
import type { OpenThread, ThreadHead, Threads } from '../threads.ts';
import type { Message } from '../timeline.ts';
import { fakeMessage, FakeTimeline } from './timeline.ts';

export class FakeThreads implements Threads {
  heads: ThreadHead[] = [];
  readonly opened: string[] = [];
  /** What was said in a thread, and in which. */
  readonly roots = new Map<string, string>();

  async list(): Promise<readonly ThreadHead[]> {
    return this.heads;
  }

  async rootOf(eventId: string): Promise<string | undefined> {
    return this.roots.get(eventId);
  }

  open(rootId: string): OpenThread {
    this.opened.push(rootId);
    return { timeline: new FakeTimeline(), close: () => this.opened.splice(this.opened.indexOf(rootId), 1) };
  }
}

export class FakePins implements Pins {
  readonly ids = new Cell<readonly string[]>([]);

  async load(ids: readonly string[]): Promise<readonly Message[]> {
    return ids.map((id) => fakeMessage({ id }));
  }

  async set(id: string, pinned: boolean): Promise<void> {
    const others = this.ids.get().filter((one) => one !== id);
    this.ids.set(pinned ? [id, ...others] : others);
  }
}
