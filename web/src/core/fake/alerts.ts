// SPDX-License-Identifier: EUPL-1.2
import type { Alert, Alerts, Attention } from '../alerts.ts';
import { Cell } from '../live.ts';

export class FakeAlerts implements Alerts {
  readonly attention = new Cell<Attention>('all');
  private readonly listeners = new Set<(alert: Alert) => void>();

  async setAttention(attention: Exclude<Attention, 'mixed'>): Promise<void> {
    this.attention.set(attention);
  }

  subscribe(listener: (alert: Alert) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(part: Partial<Alert> = {}): void {
    const alert: Alert = {
      id: '$1',
      roomId: '!a:example.org',
      room: 'Comité',
      kind: 'message',
      direct: false,
      sender: 'Alix Martin',
      external: false,
      text: 'bonjour',
      ...part,
    };
    for (const listener of this.listeners) listener(alert);
  }
}
