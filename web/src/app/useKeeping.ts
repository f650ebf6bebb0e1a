// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useMemo } from 'react';
import type { VisitKeeper } from '../core/last-visit.ts';
import type { Session } from '../core/session.ts';
import type { Device } from './Device.ts';

/** Keeps what is shown for the next visit, and writes it down when the page may be about to go. */
export function useKeeping(session: Session, device: Device): VisitKeeper {
  const keeper = useMemo(() => device.keeperOf(session), [session, device]);
  useEffect(() => keeper.watch(), [keeper]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'hidden') void keeper.write();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [keeper]);
  return keeper;
}
