// SPDX-License-Identifier: EUPL-1.2
import { createClient } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { withoutCalls } from './no-calls.ts';

test('no room is looked at for calls', () => {
  const client = withoutCalls(createClient({ baseUrl: 'https://own.example', userId: '@a:own.example' }));
  const rooms = vi.spyOn(client, 'getRooms');
  client.matrixRTC.start();
  client.matrixRTC.stop();
  expect(rooms).not.toHaveBeenCalled();
});
