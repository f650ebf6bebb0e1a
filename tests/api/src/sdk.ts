// SPDX-License-Identifier: EUPL-1.2
// matrix-js-sdk with its Rust cryptography: one signed-in device, its store in memory. Everything it is
// answered goes through the same inspection as the raw client's answers.
import { setTimeout as pause } from 'node:timers/promises';
import * as sdk from 'matrix-js-sdk';
import {
  CryptoEvent,
  type GeneratedSecretStorageKey,
  type VerificationRequest,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';
import { SlidingSync } from 'matrix-js-sdk/lib/sliding-sync.js';
import { inspect } from './http.ts';
import type { Server } from './server.ts';
import { PASSWORD, type User } from './user.ts';

// Parts of the SDK take no logger: they speak through this one.
(logger as unknown as { setLevel(level: string, persist: boolean): void }).setLevel('silent', false);

const nothing = () => {};
/** The SDK speaks much about requests that fail while the server is dead. */
const silent: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => silent,
};

/** How long a condition may take: far longer than on the busiest machine, short of a test's limit. */
const PATIENCE_MS = 180_000;

/** Waits for a condition; when it never comes, says which and where. */
export async function until<T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  // Made here, so that it names the line that waits.
  const late = new Error(`still not so after ${PATIENCE_MS} ms: ${probe}`);
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const value = await probe();
    if (value) return value as NonNullable<T>;
    await pause(20);
  }
  throw late;
}

/** As an application would: all rooms, of each what its list shows, and all that was said lately. */
function slidingSync(server: Server, client: sdk.MatrixClient): SlidingSync {
  const wish = {
    timeline_limit: 50,
    required_state: [['*', '*']],
  };
  const lists = new Map([['all', { ranges: [[0, 99]], ...wish }]]);
  return new SlidingSync(server.url, lists, wish, client, 10_000);
}

export class Device {
  readonly client: sdk.MatrixClient;
  readonly faults: string[] = [];
  readonly requests: VerificationRequest[] = [];
  /** The raw client of the same device. */
  readonly user: User;
  /** The key of secret storage, once this device knows it. */
  recoveryKey: GeneratedSecretStorageKey | undefined;

  private constructor(server: Server, user: User) {
    this.user = user;
    this.client = sdk.createClient({
      baseUrl: server.url,
      userId: user.id,
      deviceId: user.device,
      accessToken: user.token,
      fetchFn: (input, init) => this.fetch(input, init),
      logger: silent,
      localTimeoutMs: 60_000,
      verificationMethods: ['m.sas.v1'],
      cryptoCallbacks: {
        getSecretStorageKey: async ({ keys }) => {
          const id = Object.keys(keys)[0];
          return this.recoveryKey ? [id, this.recoveryKey.privateKey as Uint8Array<ArrayBuffer>] : null;
        },
      },
    });
  }

  get id(): string {
    return this.client.getSafeUserId();
  }

  get deviceId(): string {
    return this.client.getDeviceId() as string;
  }

  get crypto(): NonNullable<ReturnType<sdk.MatrixClient['getCrypto']>> {
    const crypto = this.client.getCrypto();
    if (!crypto) throw new Error('no crypto');
    return crypto;
  }

  /** Of a device that was started with it. */
  sliding: SlidingSync | undefined;

  /** Signs in a new user, or another device of a known one. */
  static async start(
    server: Server,
    user: User,
    options: { sliding?: boolean; threads?: boolean } = {},
  ): Promise<Device> {
    const device = new Device(server, user);
    if (options.sliding) device.sliding = slidingSync(server, device.client);
    await device.client.initRustCrypto({ useIndexedDB: false });
    device.client.on(CryptoEvent.VerificationRequestReceived, (request) => {
      device.requests.push(request);
    });
    await device.client.startClient({
      initialSyncLimit: 50,
      lazyLoadMembers: false,
      threadSupport: options.threads,
      pendingEventOrdering: sdk.PendingEventOrdering.Detached,
      slidingSync: device.sliding,
    });
    await until(() => device.client.isInitialSyncComplete());
    // Device keys are published after the first sync; the others need them.
    await until(async () => {
      const { device_keys } = await user.post('/v3/keys/query', { device_keys: { [user.id]: [] } });
      return device_keys?.[user.id]?.[user.device];
    });
    return device;
  }

  private async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const method = init?.method ?? 'GET';
    const text = await response.clone().text();
    for (const fault of inspect(method, url.pathname, response.status, response.headers, text)) {
      this.faults.push(`${method} ${url.pathname}: ${fault}`);
    }
    if (response.status >= 500) this.faults.push(`${method} ${url.pathname}: ${response.status}`);
    return response;
  }

  async bootstrapCrossSigning(): Promise<void> {
    // Known keys must be known here first, or the secrets found in storage have nothing to match.
    await this.crypto.userHasCrossSigningKeys(this.id, true);
    await this.crypto.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (request) => {
        try {
          await request(null);
        } catch (error) {
          const { session } = (error as sdk.MatrixError).data;
          const identifier = { type: 'm.id.user', user: this.id };
          await request({
            type: 'm.login.password',
            identifier,
            password: PASSWORD,
            session: session as string,
          });
        }
      },
    });
  }

  room(id: string): Promise<sdk.Room> {
    return until(() => this.client.getRoom(id));
  }

  /** Every message of a room that this device can see, back to its beginning; fails on one it cannot read. */
  async history(roomId: string): Promise<string[]> {
    const room = await this.room(roomId);
    while (room.getLiveTimeline().getPaginationToken(sdk.EventTimeline.BACKWARDS))
      await this.client.scrollback(room, 100);
    const bodies: string[] = [];
    for (const event of room.getLiveTimeline().getEvents()) {
      await this.client.decryptEventIfNeeded(event);
      if (event.getWireType() === 'm.room.encrypted' && event.isDecryptionFailure()) {
        throw new Error(`${this.deviceId} cannot read ${event.getId()}: ${event.decryptionFailureReason}`);
      }
      if (event.getType() === 'm.room.message' && event.getContent().msgtype === 'm.text')
        bodies.push(event.getContent().body);
    }
    return bodies;
  }

  /** Waits until a message is readable here. */
  async sees(roomId: string, body: string): Promise<void> {
    const room = await this.room(roomId);
    await until(() =>
      room
        .getLiveTimeline()
        .getEvents()
        .some((e) => !e.isDecryptionFailure() && e.getContent().body === body),
    );
  }

  say(roomId: string, body: string): Promise<{ event_id: string }> {
    return this.client.sendTextMessage(roomId, body);
  }

  stop(): void {
    this.sliding?.stop();
    this.client.stopClient();
  }
}
