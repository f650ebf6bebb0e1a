// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import {
  ConnectionError,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
} from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import type { Vault } from '../vault.ts';
import { Line } from './line.ts';
import { Outbox } from './outbox.ts';

class Message extends EventEmitter {
  readonly word: string;
  status: EventStatus;

  constructor(word: string, status: EventStatus) {
    super();
    this.word = word;
    this.status = status;
  }

  become(status: EventStatus): void {
    this.status = status;
    this.emit(MatrixEventEvent.Status, this, status);
  }

  getTxnId(): string {
    return this.word;
  }
}

function scene(...messages: Message[]) {
  const left: string[] = [];
  const broken = new Map<string, Error>();
  const room = { getPendingEvents: () => messages };
  const client = {
    getRooms: () => [room],
    getSyncState: () => null,
    resendEvent: async (event: MatrixEvent) => {
      const { word } = event as unknown as Message;
      const error = broken.get(word);
      if (error) throw error;
      left.push(word);
    },
  } as unknown as MatrixClient;
  const vault = { read: async () => [], write: async () => {} } as unknown as Vault;
  return { left, broken, outbox: new Outbox(client, vault, new Line()) };
}

test('one that is still under way is not overtaken by those written after it', async () => {
  const first = new Message('un', EventStatus.SENDING);
  const { left, outbox } = scene(first, new Message('deux', EventStatus.NOT_SENT));
  const round = outbox.resendAll();
  await new Promise((resolve) => setTimeout(resolve));
  expect(left).toEqual([]);
  first.become(EventStatus.NOT_SENT);
  await round;
  expect(left).toEqual(['un', 'deux']);
});

test('one that the network stops again keeps those written after it back; one that is refused does not', async () => {
  const { left, broken, outbox } = scene(
    new Message('un', EventStatus.NOT_SENT),
    new Message('deux', EventStatus.NOT_SENT),
  );
  broken.set('un', new ConnectionError('no connection'));
  await outbox.resendAll();
  expect(left).toEqual([]);
  broken.set('un', new Error('refused'));
  await outbox.resendAll();
  expect(left).toEqual(['deux']);
});

test('one that is written before the list of the last visit was read takes nothing from it', async () => {
  const old = { roomId: '!a', txnId: 'un', content: {} };
  const reading = Promise.withResolvers<unknown>();
  const written: { txnId: string }[][] = [];
  const sent: string[] = [];
  const client = {
    makeTxnId: () => 'deux',
    getRoom: () => ({}),
    getSyncState: () => null,
    sendMessage: async (_room: string, _thread: null, _content: object, txnId: string) => {
      sent.push(txnId);
      throw new ConnectionError('no connection');
    },
  } as unknown as MatrixClient;
  const vault = {
    read: () => reading.promise,
    write: async (_: string, value: { txnId: string }[]) => void written.push(value),
  } as unknown as Vault;
  const outbox = new Outbox(client, vault, new Line());
  const sending = outbox.send('!a', { msgtype: 'm.text', body: 'x' } as never);
  expect(written).toEqual([]);
  reading.resolve([old]);
  await sending;
  await outbox.begin(true);
  expect(sent).toEqual(['deux', 'un']);
  for (const list of written) expect(list.map((one) => one.txnId)).toEqual(['un', 'deux']);
  expect(written.length).toBeGreaterThan(0);
});

test('without its vault a message leaves all the same, and nothing is written over what was not read', async () => {
  const sendMessage = vi.fn(async () => {});
  const write = vi.fn(async () => {});
  const client = { makeTxnId: () => 'un', getSyncState: () => null, sendMessage } as unknown as MatrixClient;
  const vault = { read: () => Promise.reject(new Error('broken')), write } as unknown as Vault;
  await new Outbox(client, vault, new Line()).send('!a', { msgtype: 'm.text', body: 'x' } as never);
  expect(sendMessage).toHaveBeenCalledOnce();
  expect(write).not.toHaveBeenCalled();
});

test('what the last visit left is shown before the server has answered, once, in order; none of it is lost', async () => {
  const kept = ['un', 'deux', 'inconnu'].map((txnId) => ({
    roomId: txnId === 'inconnu' ? '!b' : '!a',
    txnId,
    content: {},
  }));
  const handed: string[] = [];
  let written: { txnId: string }[] = kept;
  let online = false;
  const client = {
    getRoom: (id: string) => (id === '!a' ? {} : null),
    getSyncState: () => null,
    sendMessage: async (_room: string, _thread: null, _content: object, txnId: string) => {
      handed.push(txnId);
      if (!online) throw new ConnectionError('no connection');
    },
  } as unknown as MatrixClient;
  const vault = {
    read: async () => kept,
    write: async (_: string, value: { txnId: string }[]) => {
      written = value;
    },
  } as unknown as Vault;
  const outbox = new Outbox(client, vault, new Line());
  await outbox.begin(false);
  await outbox.begin(false);
  expect(handed).toEqual(['un', 'deux']);
  expect(written.map((one) => one.txnId)).toEqual(['un', 'deux', 'inconnu']);
  online = true;
  await outbox.begin(true);
  expect(handed).toEqual(['un', 'deux']);
  // Of a room that the server does not know.
  expect(written.map((one) => one.txnId)).toEqual(['un', 'deux']);
});
