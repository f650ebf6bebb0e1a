// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import {
  ConnectionError,
  EventStatus,
  type MatrixClient,
  MatrixEvent as SdkEvent,
  type MatrixEvent,
  MatrixError,
  MatrixEventEvent,
} from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { Failure } from '../failure.ts';
import type { Vault } from '../vault.ts';
import { Line } from './line.ts';
import { Outbox } from './outbox.ts';
import { stateOf } from './reading.ts';
import { heldBy } from './recipients.ts';

/** No room waits. */
const THERE = { restore: async () => {}, broken: new Set<string>() };

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
  return { left, broken, outbox: new Outbox(client, vault, new Line(), THERE) };
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
    getRoom: () => ({ getPendingEvents: () => [] }),
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
  const outbox = new Outbox(client, vault, new Line(), THERE);
  const sending = outbox.send('!a', { msgtype: 'm.text', body: 'x' } as never);
  expect(written).toEqual([]);
  reading.resolve([old]);
  await sending;
  await outbox.begin(true);
  expect(sent).toEqual(['un', 'deux']);
  for (const list of written) expect(list.map((one) => one.txnId)).toEqual(['un', 'deux']);
  expect(written.length).toBeGreaterThan(0);
});

test('without its vault a message leaves all the same, and nothing is written over what was not read', async () => {
  const sendMessage = vi.fn(async () => {});
  const write = vi.fn(async () => {});
  const client = {
    makeTxnId: () => 'un',
    getRoom: () => ({}),
    getSyncState: () => null,
    sendMessage,
  } as unknown as MatrixClient;
  const vault = { read: () => Promise.reject(new Error('broken')), write } as unknown as Vault;
  await new Outbox(client, vault, new Line(), THERE).send('!a', { msgtype: 'm.text', body: 'x' } as never);
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
    getRoom: (id: string) => (id === '!a' ? { getPendingEvents: () => [] } : null),
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
  const outbox = new Outbox(client, vault, new Line(), THERE);
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

interface Written {
  txnId: string;
  refused?: boolean;
  held?: string;
}

/** A room in which the SDK does not try what stands behind something unsent, as it does. */
function strictScene(kept: object[], answer: (word: string) => Error | undefined) {
  const pending: MatrixEvent[] = [];
  const tried: string[] = [];
  let written: Written[] = [];
  const room = {
    getPendingEvents: () => pending,
    getThread: () => null,
    addPendingEvent: (event: MatrixEvent) => pending.push(event),
  };
  const attempt = async (event: MatrixEvent) => {
    tried.push(event.getTxnId()!);
    const error = answer(event.getTxnId()!);
    event.setStatus(error ? EventStatus.NOT_SENT : EventStatus.SENT);
    event.error = (error ?? null) as MatrixError | null;
    if (error) throw error;
    pending.splice(pending.indexOf(event), 1);
  };
  const client = {
    makeTxnId: () => `m${tried.length}`,
    getRoom: () => room,
    getRooms: () => [room],
    getSafeUserId: () => '@camille:example.org',
    getSyncState: () => null,
    sendMessage: async (_room: string, _thread: null, content: object, txnId: string) => {
      const event = new SdkEvent({ type: 'm.room.message', content });
      event.setTxnId(txnId);
      const blocked = pending.some(({ status }) => status === EventStatus.NOT_SENT);
      event.setStatus(blocked ? EventStatus.NOT_SENT : EventStatus.SENDING);
      pending.push(event);
      if (blocked) throw new Error('Event blocked by other events not yet sent');
      await attempt(event);
    },
    resendEvent: attempt,
  } as unknown as MatrixClient;
  const vault = {
    read: async () => kept,
    write: async (_: string, value: Written[]) => {
      written = value;
    },
  } as unknown as Vault;
  const line = new Line();
  const outbox = new Outbox(client, vault, line, THERE);
  return { outbox, line, tried, pending, written: () => written };
}

const REFUSED = new MatrixError({ errcode: 'M_FORBIDDEN' }, 403);
const text = (body: string) => ({ msgtype: 'm.text', body }) as never;

test('what the server refused waits for its author, at the return of the network and at the next visit', async () => {
  const first = strictScene([], () => REFUSED);
  await first.outbox.send('!a', text('x'));
  await first.outbox.resendAll();
  expect(first.tried).toEqual(['m0']);
  await vi.waitFor(() => expect(first.written()).toMatchObject([{ txnId: 'm0', refused: true }]));

  const next = strictScene(first.written(), () => undefined);
  await next.outbox.begin(true);
  await next.outbox.resendAll();
  expect(next.tried).toEqual([]);
  expect(next.pending.map((event) => stateOf(event, next.pending))).toEqual(['failed']);
  expect(next.outbox.unsent.get()).toBe(1);
  // Its author sends it again.
  await next.outbox.resend(next.pending[0]!, { roomId: '!a' } as never);
  expect(next.tried).toEqual(['m0']);
  await vi.waitFor(() => expect(next.written()).toEqual([]));
});

test('nobody waits behind what was refused; behind what was cut everybody does', async () => {
  let error: Error = REFUSED;
  const { outbox, tried, pending } = strictScene([], (word) => (word === 'm0' ? error : undefined));
  await outbox.send('!a', text('un'));
  await outbox.send('!a', text('deux'));
  expect(tried).toEqual(['m0', 'm1']);

  error = new ConnectionError('no connection');
  await outbox.resend(pending[0]!, { roomId: '!a' } as never);
  await outbox.send('!a', text('trois'));
  expect(tried).toEqual(['m0', 'm1', 'm0']);
  expect(pending.map((event) => stateOf(event, pending))).toEqual(['waiting', 'waiting']);
  expect(pending.every(({ error: why }) => why)).toBe(true);
});

test.each([
  [new MatrixError({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 5 }, 429), 'waiting'],
  [new MatrixError({ errcode: 'M_UNKNOWN' }, 502), 'waiting'],
  [new MatrixError({ errcode: 'M_UNKNOWN' }, 500), 'failed'],
  [new TypeError('a fault of ours'), 'failed'],
])('%s: %s', async (error, state) => {
  const { outbox, pending } = strictScene([], () => error);
  await outbox.send('!a', text('x'));
  expect(pending.map((event) => stateOf(event, pending))).toEqual([state]);
});

test('a message waits until the SDK knows its room, and is not sent into one that it does not know', async () => {
  const known = new Set<string>();
  const sendMessage = vi.fn(async () => {});
  const client = {
    makeTxnId: () => 'un',
    getRoom: (id: string) => (known.has(id) ? {} : null),
    getSyncState: () => null,
    sendMessage,
  } as unknown as MatrixClient;
  const coming = Promise.withResolvers<void>();
  const waiting = {
    restore: async ([id]: readonly string[]) => {
      if (id !== '!a') return;
      await coming.promise;
      known.add(id);
    },
    broken: new Set<string>(),
  };
  const vault = { read: async () => undefined, write: async () => {} } as unknown as Vault;
  const outbox = new Outbox(client, vault, new Line(), waiting);
  const sending = outbox.send('!a', { msgtype: 'm.text', body: 'x' } as never);
  await new Promise((resolve) => setTimeout(resolve));
  expect(sendMessage).not.toHaveBeenCalled();
  coming.resolve();
  await sending;
  expect(sendMessage).toHaveBeenCalledOnce();
  await outbox.send('!b', { msgtype: 'm.text', body: 'x' } as never);
  expect(sendMessage).toHaveBeenCalledOnce();
  expect(outbox.unsent.get()).toBe(1);
});

const keptOf = (...txnIds: string[]) => txnIds.map((txnId) => ({ roomId: '!a', txnId, content: {} }));

test('what is written while the last visit’s messages leave goes after all of them', async () => {
  const first = Promise.withResolvers<void>();
  const sent: string[] = [];
  const line = new Line();
  const client = {
    makeTxnId: () => 'c',
    getRoom: () => ({ getPendingEvents: () => [] }),
    getSyncState: () => null,
    // As on the way to the network: each in its turn.
    sendMessage: async (_room: string, _thread: null, _content: object, txnId: string) => {
      await line.turn(txnId);
      sent.push(txnId);
      if (txnId === 'a') await first.promise;
    },
  } as unknown as MatrixClient;
  const vault = { read: async () => keptOf('a', 'b'), write: async () => {} } as unknown as Vault;
  const outbox = new Outbox(client, vault, line, THERE);
  const begun = outbox.begin(true);
  await vi.waitFor(() => expect(sent).toEqual(['a']));
  const sending = outbox.send('!a', text('c'));
  await new Promise((resolve) => setTimeout(resolve));
  first.resolve();
  await Promise.all([begun, sending]);
  expect(sent).toEqual(['a', 'b', 'c']);
});

test('a room that comes while others are handed over, and one that the SDK could not make, lose nothing', async () => {
  const rooms = new Set(['!a']);
  const handed: string[] = [];
  let written: Written[] = [];
  const first = Promise.withResolvers<void>();
  const client = {
    getRoom: (id: string) => (rooms.has(id) ? {} : null),
    getSyncState: () => null,
    sendMessage: async (_room: string, _thread: null, _content: object, txnId: string) => {
      handed.push(txnId);
      if (txnId === 'un') await first.promise;
    },
  } as unknown as MatrixClient;
  const kept = [['!a', 'un'] as const, ['!late', 'deux'] as const, ['!broken', 'trois'] as const].map(
    ([roomId, txnId]) => ({ roomId, txnId, content: {} }),
  );
  const vault = {
    read: async () => kept,
    write: async (_: string, value: Written[]) => {
      written = value;
    },
  } as unknown as Vault;
  const waiting = { restore: async () => {}, broken: new Set(['!broken']) };
  const outbox = new Outbox(client, vault, new Line(), waiting);
  const early = outbox.begin(false);
  await vi.waitFor(() => expect(handed).toEqual(['un']));
  rooms.add('!late');
  first.resolve();
  await early;
  await outbox.begin(true);
  expect(handed).toEqual(['un', 'deux']);
  await vi.waitFor(() => expect(written.map(({ txnId }) => txnId)).toEqual(['trois']));
});

const CHANGED = new Failure('IDENTITY_CHANGED');

test('what was held back leaves by itself, in its order, and why it waits is known at the next visit', async () => {
  let error: Error | undefined = CHANGED;
  const first = strictScene([], () => error);
  await first.outbox.send('!a', text('un'));
  await first.outbox.send('!a', text('deux'));
  const held = { refused: true, held: 'people' };
  await vi.waitFor(() =>
    expect(first.written()).toMatchObject([
      { txnId: 'm0', ...held },
      { txnId: 'm1', ...held },
    ]),
  );

  const next = strictScene(first.written(), () => error);
  await next.outbox.begin(true);
  // It is looked at again, and still holds.
  await vi.waitFor(() => expect(next.tried).toEqual(['m0', 'm1']));
  expect(next.pending.map((event) => heldBy(event.error))).toEqual(['people', 'people']);
  error = undefined;
  await next.outbox.resendHeld();
  expect(next.tried).toEqual(['m0', 'm1', 'm0', 'm1']);
  await vi.waitFor(() => expect(next.written()).toEqual([]));
  await next.outbox.resendHeld();
  expect(next.tried).toHaveLength(4);
});

test('a message for this device’s own change is kept with that reason', async () => {
  const { outbox, written } = strictScene([], () => new Failure('IDENTITY_REPLACED'));
  await outbox.send('!a', text('un'));
  await vi.waitFor(() => expect(written()).toMatchObject([{ txnId: 'm0', refused: true, held: 'self' }]));
});

test('what is written when the hold ends goes after all that was held', async () => {
  let error: Error | undefined = CHANGED;
  const order: string[] = [];
  const { outbox, line } = strictScene([], (word) => {
    if (!error) order.push(word);
    return error;
  });
  await outbox.send('!a', text('un'));
  await outbox.send('!a', text('deux'));
  error = undefined;
  line.enter('!a', 'new');
  const turn = new Promise<void>((resolve) => {
    const resending = outbox.resendHeld();
    void line.turn('new').then(() => {
      order.push('new');
      void resending.then(resolve);
    });
  });
  await turn;
  expect(order).toEqual(['m0', 'm1', 'new']);
});

test('a network that is gone when the hold ends stops all that was held, and its return sends it', async () => {
  let error: Error | undefined = CHANGED;
  const { outbox, pending, tried, written } = strictScene([], () => error);
  await outbox.send('!a', text('un'));
  await outbox.send('!a', text('deux'));
  error = new ConnectionError('no connection');
  await outbox.resendHeld();
  expect(tried).toEqual(['m0', 'm1', 'm0']);
  expect(pending.map((event) => stateOf(event, pending))).toEqual(['waiting', 'waiting']);
  await vi.waitFor(() => expect(written().some(({ held, refused }) => held || refused)).toBe(false));
  error = undefined;
  await outbox.resendAll();
  expect(tried).toEqual(['m0', 'm1', 'm0', 'm0', 'm1']);
});
