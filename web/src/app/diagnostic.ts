// SPDX-License-Identifier: EUPL-1.2
// [UX-22] What support asks for first: how this device is, without content, name or identifier.
import type { Session } from '../core/session.ts';
import { deviceName } from './device-name.ts';
import type { Preferences } from './preferences.ts';

/** What of the browser is looked at. */
export interface Surroundings {
  readonly userAgent: string;
  readonly width: number;
  readonly height: number;
  readonly online: boolean;
  readonly persisted: boolean;
  readonly usage: number | undefined;
}

export async function surroundings(): Promise<Surroundings> {
  const estimate = await navigator.storage.estimate().catch(() => undefined);
  return {
    userAgent: navigator.userAgent,
    width: window.innerWidth,
    height: window.innerHeight,
    online: navigator.onLine,
    persisted: await navigator.storage.persisted().catch(() => false),
    usage: estimate?.usage,
  };
}

export function diagnostic(session: Session, preferences: Preferences, around: Surroundings): string {
  const { look, language, size } = preferences.choices.get();
  const rooms = session.rooms.list.get();
  const safety = session.safety.state.get();
  const count = (kind: string) => rooms.filter((room) => room.kind === kind).length;
  const lines: [string, string | number | boolean][] = [
    ['browser', deviceName(around.userAgent)],
    ['window', `${around.width}x${around.height}`],
    ['network', around.online],
    ['connection', session.connection.get()],
    ['messages', safety.at === 'failed' ? `failed ${safety.failure.code}` : safety.at],
    ['rooms', ['direct', 'private', 'open', 'public'].map((kind) => `${kind} ${count(kind)}`).join(', ')],
    ['external', session.me.get().external],
    ['look', `${look}, ${size}, ${language}`],
    [
      'storage',
      `${around.persisted ? 'kept' : 'may be wiped'}, ${Math.round((around.usage ?? 0) / 1024)} KiB`,
    ],
  ];
  return lines.map(([name, value]) => `${name}: ${value}`).join('\n');
}
