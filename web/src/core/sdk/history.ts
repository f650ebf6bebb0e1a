// SPDX-License-Identifier: EUPL-1.2
// All that was said in a room, for its reader to keep: as far back as one may see, up to a limit.
import { Direction, type MatrixClient, type MatrixEvent, type Room, TimelineWindow } from 'matrix-js-sdk';
import type { Item } from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import { itemOf } from './reading.ts';

const PAGE = 100;
export const MOST = 20_000;

/** What was answered in a thread stands after the message that it answers. */
function withThreads(room: Room, events: readonly MatrixEvent[]): MatrixEvent[] {
  return events.flatMap((event) => {
    const id = event.getId() ?? '';
    const answers = room.getThread(id)?.events.filter((one) => one.getId() !== id) ?? [];
    return [event, ...answers];
  });
}

export async function historyOf(
  client: MatrixClient,
  room: Room,
  doubts: Doubts,
  onProgress: (count: number) => void,
): Promise<readonly Item[]> {
  const window = new TimelineWindow(client, room.getUnfilteredTimelineSet(), { windowLimit: MOST });
  await window.load(undefined, PAGE);
  while (window.canPaginate(Direction.Backward) && window.getEvents().length < MOST) {
    await window.paginate(Direction.Backward, PAGE);
    onProgress(window.getEvents().length);
  }
  const events = withThreads(room, window.getEvents());
  await Promise.all(events.map((event) => client.decryptEventIfNeeded(event)));
  await doubts.settle(room, events);
  const me = client.getSafeUserId();
  return events.flatMap((event) => itemOf(room, event, me, { doubts }) ?? []);
}
