// SPDX-License-Identifier: EUPL-1.2
// What calls for attention becomes a notification of the system, where one wants that; what is unread
// becomes the number on the icon.
import type { Alert, Alerts } from '../../core/alerts.ts';
import type { NoticeChoices } from '../../core/notice-choices.ts';
import type { Notices } from '../../core/notices.ts';
import type { Rooms } from '../../core/rooms.ts';
import type { Text } from '../../i18n/text.ts';

interface Parts {
  readonly alerts: Alerts;
  readonly rooms: Rooms;
  readonly notices: Notices;
  readonly choices: NoticeChoices;
  readonly text: Text;
  /** The person looks at that room now. */
  readonly looksAt: (roomId: string) => boolean;
  /** These are hours in which nothing calls. */
  readonly isQuiet: () => boolean;
}

/** [WEB-06] Without the person's choice, neither a name nor a word of a message. */
export function wordsOf(alert: Alert, content: boolean, { t }: Text): { title: string; body: string } {
  if (!content) return { title: t(`notice.${alert.kind}`), body: t(`notice.${alert.kind}Hint`) };
  const sender = alert.external ? t('notice.external', { name: alert.sender }) : alert.sender;
  const title =
    alert.direct || alert.kind === 'invitation' ? sender : t('notice.in', { sender, room: alert.room });
  if (alert.kind === 'invitation') return { title, body: t('notice.invites', { room: alert.room }) };
  return { title, body: alert.text ?? t('rooms.notText') };
}

export class NotifyModel {
  private readonly parts: Parts;
  private unread = new Map<string, number>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  watch(): () => void {
    const stops = [
      this.parts.alerts.subscribe((alert) => this.tell(alert)),
      this.parts.rooms.list.subscribe(() => this.count()),
    ];
    this.count();
    return () => {
      for (const stop of stops) stop();
    };
  }

  private tell(alert: Alert): void {
    const { choices, notices, looksAt, isQuiet, text } = this.parts;
    const { on, content } = choices.choice.get();
    if (!on || isQuiet() || looksAt(alert.roomId)) return;
    const words = wordsOf(alert, content, text);
    void notices.show({ ...words, roomId: alert.roomId, eventId: alert.id });
  }

  /** What is read, here or elsewhere, no longer calls. */
  private count(): void {
    const { rooms, notices } = this.parts;
    const unread = new Map(
      rooms.list.get().map((room) => [room.id, room.membership === 'invite' ? 1 : room.unread] as const),
    );
    for (const [roomId, before] of this.unread)
      if (before > 0 && !unread.get(roomId)) void notices.clear(roomId);
    this.unread = unread;
    notices.badge([...unread.values()].reduce((sum, count) => sum + count, 0));
  }
}
