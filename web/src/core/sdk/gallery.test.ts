// SPDX-License-Identifier: EUPL-1.2
import { createClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { SdkGallery } from './gallery.ts';

const ME = '@camille:x';

test('a file that nobody is known to have sent says so where files are listed', async () => {
  const client = createClient({ baseUrl: 'https://example.org', userId: ME });
  vi.spyOn(client, 'createMessagesRequest').mockResolvedValue({
    start: 's',
    chunk: ['un', 'deux'].map((name) => ({
      type: 'm.room.message',
      content: { msgtype: 'm.file', body: name, url: 'mxc://x/y', info: { size: 1 } },
      sender: '@alix:x',
      event_id: `$${name}`,
      room_id: '!r',
      origin_server_ts: 1,
    })),
  } as never);
  const settled: (string | undefined)[] = [];
  const doubts = {
    settle: async (_: Room, events: readonly MatrixEvent[]) =>
      void settled.push(...events.map((event) => event.getId())),
    of: (_: Room, event: MatrixEvent) => (event.getId() === '$deux' ? ('clear' as const) : undefined),
  };
  const gallery = new SdkGallery(client, new Room('!r', client, ME), doubts);
  await gallery.more();
  expect(settled).toEqual(['$un', '$deux']);
  expect(gallery.state.get().items.map(({ doubt }) => doubt)).toEqual([undefined, 'clear']);
});
