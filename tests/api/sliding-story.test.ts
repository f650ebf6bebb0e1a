// SPDX-License-Identifier: EUPL-1.2
// Two agents talk, end-to-end encrypted, through sliding sync: matrix-js-sdk's client of it, whose
// requests are cancelled in the middle and whose connection is forgotten, and one that uses /sync.
import { EventType, type MatrixEvent, RoomEvent } from 'matrix-js-sdk';
import { afterEach, expect, test } from 'vitest';
import { Device, until } from './src/sdk.ts';
import { ask } from './src/sliding.ts';
import { stage } from './src/stage.ts';

const MESSAGES = 60;
const LONG = Number(process.env.CHAPPE_TEST_LIMIT ?? 600_000);

const t = stage();
const started: Device[] = [];

afterEach(() => {
  for (const device of started.splice(0)) device.stop();
});

/** Every decrypted message, as often as the client was told of it. */
function hear(device: Device, room: string): string[] {
  const heard: string[] = [];
  const decrypted = async (event: MatrixEvent) => {
    await device.client.decryptEventIfNeeded(event);
    await until(() => !event.isBeingDecrypted() && !event.isDecryptionFailure());
    if (event.getType() === EventType.RoomMessage) heard.push(event.getContent().body);
  };
  device.client.on(RoomEvent.Timeline, (event, of, toStart) => {
    if (of?.roomId === room && !toStart && !event.isState() && event.getSender() !== device.id)
      void decrypted(event);
  });
  return heard;
}

/** The server forgets the connection of a device: other ones push it out. */
async function forget(device: Device): Promise<void> {
  for (let i = 0; i < 8; i++) await ask(device.user, { conn_id: `pushes-${i}` });
}

test(
  'two devices talk encrypted through sliding sync; nothing is lost or doubled',
  async () => {
    const [alice, bob] = await t.users('alice', 'bob');
    const a = await Device.start(t.server, alice, { sliding: true });
    const b = await Device.start(t.server, bob, { sliding: true });
    const plain = await Device.start(t.server, await bob.login());
    started.push(a, b, plain);
    const { room_id } = await a.client.createRoom({
      invite: [b.id],
      initial_state: [
        { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await until(() => b.client.getRoom(room_id)?.getMyMembership() === 'invite');
    await b.client.joinRoom(room_id);
    await until(() => a.client.getRoom(room_id)?.getMember(b.id)?.membership === 'join');
    await until(() => a.crypto.isEncryptionEnabledInRoom(room_id));
    await until(() => b.crypto.isEncryptionEnabledInRoom(room_id));
    await until(() => plain.client.getRoom(room_id)?.getMyMembership() === 'join');
    const ears = [hear(a, room_id), hear(b, room_id)];
    const sent: string[][] = [[], []];
    for (let i = 0; i < MESSAGES; i++) {
      const [from, heardBy] = i % 2 ? [b, sent[0]] : [a, sent[1]];
      await from.say(room_id, `message ${i}`);
      heardBy.push(`message ${i}`);
      if (i % 7 === 3) a.sliding?.resend(); // an answer on its way is lost
      if (i % 7 === 5) b.sliding?.resend();
      if (i % 20 === 10) await forget(i % 40 === 10 ? a : b);
    }
    for (const [i, device] of [a, b].entries()) {
      await device.sees(room_id, `message ${MESSAGES - 1}`);
      await until(() => new Set(ears[i]).size === sent[i].length);
      expect([...ears[i]].sort()).toEqual([...sent[i]].sort());
      const inTimeline = (await device.history(room_id)).filter((body) => body.startsWith('message '));
      expect(inTimeline).toEqual(Array.from({ length: MESSAGES }, (_, n) => `message ${n}`));
    }
    const other = (await plain.history(room_id)).filter((body) => body.startsWith('message '));
    expect(other.length).toBe(MESSAGES);
    expect(
      [...new Set([a, b, plain].flatMap((d) => d.faults))].filter((fault) => !/M_UNKNOWN_POS/.test(fault)),
    ).toEqual([]);
  },
  LONG,
);
