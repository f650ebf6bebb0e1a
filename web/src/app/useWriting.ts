// SPDX-License-Identifier: EUPL-1.2
import { useEffect } from 'react';
import { until } from '../core/live.ts';
import { quiet } from '../core/quiet.ts';
import type { Session } from '../core/session.ts';
import { loadMarkdown } from '../features/conversation/html.ts';

/** What one writes with is fetched once the server has answered and nothing else is to be done; what is sent
 * sooner waits for it. */
async function prepare(session: Session): Promise<void> {
  await until(session.connection, (connection) => connection === 'online');
  await quiet();
  await loadMarkdown();
}

export function useWriting(session: Session): void {
  useEffect(() => void prepare(session).catch(() => {}), [session]);
}
