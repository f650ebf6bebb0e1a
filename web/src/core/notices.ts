// SPDX-License-Identifier: EUPL-1.2
// Notifications of the system, and the number on the application's icon.
import type { NoticeData } from '../sw/messages.ts';
import { Cell, type Live } from './live.ts';
import { noticeData, type PageWorker } from './page-worker.ts';

/** absent: this browser has none, or none without a service worker. */
export type Permission = 'default' | 'granted' | 'denied' | 'absent';

export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly roomId: string;
  readonly eventId: string;
}

export interface Notices {
  readonly permission: Live<Permission>;
  /** The browser asks the person: only from what they have just pressed. */
  ask(): Promise<Permission>;
  /** One a room: the last takes the place of those before. */
  show(notice: Notice): Promise<void>;
  /** Those of a room that is read. */
  clear(roomId: string): Promise<void>;
  badge(unread: number): void;
}

export class BrowserNotices implements Notices {
  private readonly worker: PageWorker;
  private readonly cell: Cell<Permission>;

  constructor(worker: PageWorker) {
    this.worker = worker;
    this.cell = new Cell<Permission>(this.read());
    void this.follow();
  }

  get permission(): Live<Permission> {
    return this.cell;
  }

  private read(): Permission {
    return 'Notification' in globalThis ? Notification.permission : 'absent';
  }

  /** It may be changed in the browser's own settings while the page is open. */
  private async follow(): Promise<void> {
    const status = await navigator.permissions?.query({ name: 'notifications' }).catch(() => undefined);
    status?.addEventListener('change', () => this.cell.set(this.read()));
  }

  async ask(): Promise<Permission> {
    if (this.read() === 'default') await Notification.requestPermission();
    this.cell.set(this.read());
    return this.cell.get();
  }

  async show({ title, body, roomId, eventId }: Notice): Promise<void> {
    const { registration } = this.worker;
    if (!registration || this.read() !== 'granted') return;
    const data: NoticeData = { roomId, eventId };
    const before = await registration.getNotifications({ tag: roomId });
    await registration.showNotification(title, {
      body,
      tag: roomId,
      data,
      icon: '/icons/icon-192.png',
      badge: '/icons/badge-96.png',
      renotify: before.some((one) => noticeData(one).eventId !== eventId),
    } as NotificationOptions);
  }

  async clear(roomId: string): Promise<void> {
    const shown = (await this.worker.registration?.getNotifications({ tag: roomId })) ?? [];
    for (const one of shown) one.close();
  }

  badge(unread: number): void {
    const set = unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
    set?.catch(() => {});
  }
}
