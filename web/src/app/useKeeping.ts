// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useMemo } from 'react';
import type { Session } from '../core/session.ts';
import { VisitKeeper } from '../core/visit-keeper.ts';
import { filesWouldBeLost } from '../features/files/AttachModel.ts';
import { voicesWouldBeLost } from '../features/voice/VoiceModel.ts';
import type { Device } from './Device.ts';

/** Wherever one is: what would go with the page is asked about. */
function useAsking(): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (filesWouldBeLost() || voicesWouldBeLost()) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
}

/** Keeps what is shown for the next visit, and writes it down when the page may be about to go. */
export function useKeeping(session: Session, device: Device): VisitKeeper {
  const keeper = useMemo(() => {
    const { vault, before } = device.visit();
    return new VisitKeeper(vault, session, before);
  }, [session, device]);
  useEffect(() => keeper.watch(), [keeper]);
  useAsking();
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'hidden') void keeper.write();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [keeper]);
  return keeper;
}
