// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import {
  ConnectionError,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
} from 'matrix-js-sdk';
import { expect, test } from 'vitest';
import type { Vault } from '../vault.ts';
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
  return { left, broken, outbox: new Outbox(client, vault) };
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
