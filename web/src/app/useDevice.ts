// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useMemo } from 'react';
import { until } from '../core/live.ts';
import type { Session } from '../core/session.ts';
import { DeviceModel } from '../features/notifications/DeviceModel.ts';
import { NotifyModel } from '../features/notifications/NotifyModel.ts';
import { useText } from '../i18n/TextContext.ts';
import { isQuiet } from '../sw/quiet.ts';
import { useLive } from '../ui/useLive.ts';
import type { Device } from './Device.ts';
import { parseRoute } from './route.ts';
import { goTo } from './useRoute.ts';

function looksAt(roomId: string): boolean {
  const route = parseRoute(window.location.hash);
  return document.hasFocus() && route.at === 'room' && route.roomId === roomId;
}

/** The worker begins once the server has answered: nothing of it is in the way of the first screen. */
async function begin(session: Session, { worker }: Device, model: DeviceModel): Promise<void> {
  await until(session.connection, (connection) => connection === 'online');
  await worker.begin();
  await model.begin();
}

/** Lets this browser take part in the session: worker, notifications, the number on the icon. */
export function useDevice(session: Session, device: Device): DeviceModel {
  const text = useText();
  const model = useMemo(
    () =>
      new DeviceModel({
        ...device,
        push: session.push,
        newText: () => crypto.randomUUID(),
      }),
    [session, device],
  );
  useEffect(() => {
    const { alerts, rooms, personal } = session;
    const quiet = () => isQuiet(personal.state.get().quiet, new Date());
    const notify = new NotifyModel({ ...device, alerts, rooms, text, looksAt, isQuiet: quiet });
    return notify.watch();
  }, [session, device, text]);
  useEffect(() => void begin(session, device, model), [session, device, model]);
  useEffect(
    () =>
      device.worker.onMessage((message) => {
        if (message.kind === 'subscription') void model.begin();
        if (message.kind !== 'open') return;
        const { roomId } = message;
        goTo(roomId ? { at: 'room', roomId, eventId: undefined } : { at: 'rooms' });
      }),
    [device, model],
  );
  const { quiet } = useLive(session.personal.state);
  // Until the server has said what is chosen, the worker goes on with what it knows.
  const { known } = useLive(session.me);
  useEffect(() => {
    let gone = false;
    void until(device.worker.state, ({ at }) => at !== 'starting').then(() => {
      if (gone) return;
      device.worker.setLanguage(text.language);
      if (known) device.worker.setQuiet(quiet);
    });
    return () => {
      gone = true;
    };
  }, [device, text.language, quiet, known]);
  return model;
}
