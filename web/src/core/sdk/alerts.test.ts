// SPDX-License-Identifier: EUPL-1.2
import { createClient, MatrixEvent, Room, RoomEvent } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import type { Alert } from '../alerts.ts';
import { SdkAlerts } from './alerts.ts';

const ME = '@camille:x';

const eventOf = (sender: string, type: string, content: object, more: object = {}) =>
  new MatrixEvent({
    type,
    content,
    sender,
    event_id: `$${type}${sender}`,
    room_id: '!r',
    origin_server_ts: 1,
    ...more,
  });

const joined = (userId: string, displayname: string) =>
  eventOf(userId, 'm.room.member', { membership: 'join', displayname }, { state_key: userId });

test('who bears the name of another member is told apart in a notification too', async () => {
  const client = createClient({ baseUrl: 'https://example.org', userId: ME });
  vi.spyOn(client, 'getPushActionsForEvent').mockReturnValue({ notify: true, tweaks: {} });
  const room = new Room('!r', client, ME);
  room.updateMyMembership('join');
  // The second has a letter of another script in it.
  const members = [joined(ME, 'Camille'), joined('@alix:x', 'Alix'), joined('@mallory:x', 'Аlix')];
  await room.addLiveEvents(members, { addToState: true });
  const alerts = new SdkAlerts(client);
  const told: Alert[] = [];
  alerts.subscribe((alert) => told.push(alert));
  alerts.begin();
  const message = eventOf('@mallory:x', 'm.room.message', { msgtype: 'm.text', body: 'oui' });
  client.emit(RoomEvent.Timeline, message, room, false, false, {
    timeline: room.getLiveTimeline(),
    liveEvent: true,
  });
  await vi.waitFor(() => expect(told.map(({ sender }) => sender)).toEqual(['Аlix (mallory:x)']));
});
