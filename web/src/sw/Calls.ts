// SPDX-License-Identifier: EUPL-1.2
// Pushes, and notifications that are chosen. A push says which room and event, and how many are unread:
// the worker can read no message, and says no more than that one has come. An open page that can read it
// puts its own notification in the place of this one: they share a tag.
import { workerWords, type WorkerWords } from '../i18n/worker.ts';
import type { NoticeData, ToPage } from './messages.ts';

/** docs/design/push.md; what is not as it says counts as absent. */
export interface Push {
  readonly roomId: string | undefined;
  readonly eventId: string | undefined;
  readonly unread: number | undefined;
  readonly test: string | undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : undefined;

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export function readPush(text: string | undefined): Push {
  let body: Record<string, unknown> = {};
  try {
    body = objectOf(JSON.parse(text ?? ''));
  } catch {
    // A push that cannot be read still says that something came.
  }
  const { unread } = objectOf(body.counts);
  return {
    roomId: textOf(body.room_id),
    eventId: textOf(body.event_id),
    unread: typeof unread === 'number' && Number.isSafeInteger(unread) && unread >= 0 ? unread : undefined,
    test: textOf(body.test),
  };
}

/** A window of the client, as far as it is used here. */
export interface Page {
  readonly focused: boolean;
  readonly visibilityState: DocumentVisibilityState;
  postMessage(message: ToPage): void;
  focus(): Promise<unknown>;
}

export interface Surroundings {
  pages(): Promise<readonly Page[]>;
  openWindow(address: string): Promise<unknown>;
  shown(tag: string): Promise<readonly Notification[]>;
  show(title: string, options: NotificationOptions & { renotify?: boolean }): Promise<void>;
  badge(count: number): Promise<void>;
  language(): Promise<'fr' | 'en'>;
  /** These are hours in which nothing calls. */
  quiet(): Promise<boolean>;
}

export class Calls {
  private readonly around: Surroundings;

  constructor(around: Surroundings) {
    this.around = around;
  }

  async pushed(push: Push): Promise<void> {
    const pages = await this.around.pages();
    for (const page of pages) page.postMessage({ kind: 'pushed', test: push.test });
    if (push.unread !== undefined) await this.around.badge(push.unread);
    const words = workerWords(await this.around.language());
    if (push.test) return this.tell(words.test, { ...push, roomId: undefined }, 'test', false);
    // Whoever looks at the page sees it there.
    if (pages.some((page) => page.focused)) return undefined;
    // The browser wants every push to show something: in quiet hours, without a sound.
    return this.tell(this.words(words, push), push, push.roomId ?? 'message', await this.around.quiet());
  }

  private words(words: WorkerWords, { unread }: Push): { title: string; body: string } {
    return unread && unread > 1 ? { ...words.message, body: words.unread(unread) } : words.message;
  }

  private async tell(
    words: { title: string; body: string },
    push: Push,
    tag: string,
    silent: boolean,
  ): Promise<void> {
    const before = await this.around.shown(tag);
    // The page was faster, and has said more.
    if (push.eventId && before.some((one) => (one.data as NoticeData | null)?.eventId === push.eventId))
      return;
    const data: NoticeData = { roomId: push.roomId, eventId: push.eventId };
    await this.around.show(words.title, {
      body: words.body,
      tag,
      data,
      icon: '/icons/icon-192.png',
      badge: '/icons/badge-96.png',
      renotify: !silent && before.length > 0,
      silent,
    });
  }

  /** The conversation of it, in the page that is open, else in a new one. */
  async chosen(data: NoticeData | null): Promise<void> {
    const roomId = data?.roomId;
    const pages = await this.around.pages();
    const page =
      pages.find((one) => one.focused) ?? pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
    if (!page) {
      await this.around.openWindow(roomId ? `/#/salon/${encodeURIComponent(roomId)}` : '/');
      return;
    }
    page.postMessage({ kind: 'open', roomId });
    // The browser may not let us: the room is open all the same.
    await page.focus().catch(() => {});
  }
}
