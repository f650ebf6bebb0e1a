// SPDX-License-Identifier: EUPL-1.2
// Makes the SDK's client of a device and its stores. Loaded when it is needed: nothing here belongs to
// the first screen.
import { initAsync } from '@matrix-org/matrix-sdk-crypto-wasm';
import loglevel from 'loglevel';
import { createClient, type MatrixClient } from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import type { Credentials } from '../entry.ts';
import { MatrixFiles } from '../matrix-files.ts';
import { fetchUntil, sendUntil } from '../requests.ts';
import { senderWith } from '../sending.ts';
import type { RoomSummary } from '../rooms.ts';
import type { Session } from '../session.ts';
import type { Vault } from '../vault.ts';
import { inLine, Line } from './line.ts';
import { roomName } from './names.ts';
import { withoutCalls } from './no-calls.ts';
import { OwnDevice } from './own-device.ts';
import { paced } from './pace.ts';
import { Recipients } from './recipients.ts';
import { SecretKeys } from './recovery-code.ts';
import { Restoring } from './restoring.ts';
import { SdkRooms } from './rooms.ts';
import { SdkSafety } from './safety.ts';
import { seal } from './sealing.ts';
import { SdkSession } from './session.ts';
import { SyncStore } from './sync-store.ts';
import { TokenKeeper } from './tokens.ts';
import { withLastVersions } from './versions.ts';

/** The SDK tells all it does; a browser's console is no place for it. */
const SILENCE: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  getChild: () => SILENCE,
};

/** What is made with that logger is silent; what the SDK makes for itself, one for each room among them, is
 * not: with a thousand rooms the console alone took more than a second (seen). */
function silence(): void {
  loglevel.methodFactory = () => () => {};
  for (const one of Object.values(loglevel.getLoggers())) one.disableAll(false);
}

/** Fetches and compiles the cryptography while there is time. A failure is met again, and said, later. */
export function prefetchCryptography(): void {
  initAsync().catch(() => {});
  import('matrix-js-sdk/lib/rust-crypto/index.js').catch(() => {});
}

async function storageKey(vault: Vault): Promise<Uint8Array> {
  const kept = await vault.read<number[]>('store');
  const key = kept ? Uint8Array.from(kept) : crypto.getRandomValues(new Uint8Array(32));
  if (!kept) await vault.write('store', [...key]);
  return key;
}

function makeClient(
  credentials: Credentials,
  keys: SecretKeys,
  fetchFn: typeof globalThis.fetch,
  store: SyncStore,
): MatrixClient {
  return createClient({
    baseUrl: credentials.homeserver,
    userId: credentials.userId,
    deviceId: credentials.deviceId,
    accessToken: credentials.accessToken,
    fetchFn,
    store,
    timelineSupport: true,
    disableVoip: true,
    cryptoCallbacks: keys,
    logger: SILENCE,
    roomNameGenerator: roomName,
  });
}

/** What the last visit has left on the screen. */
interface Shown {
  readonly rooms: readonly RoomSummary[];
  /** Rooms that are looked at. */
  readonly first: readonly string[];
}

interface Parts {
  /** Undefined: nothing is shown before all rooms are there. */
  shown: Shown | undefined;
  /** Nothing is written by way of it once the signal has been given. */
  vault: Vault;
  deviceName: string;
  /** The stores are another tab's from then on. */
  signal: AbortSignal;
}

/** Lets go of the stores when they are not ours any more. */
async function openStores(client: MatrixClient, own: OwnDevice, { vault, signal }: Parts): Promise<void> {
  signal.throwIfAborted();
  await Promise.all([
    client.store.startup(),
    storageKey(vault).then((key) => client.initRustCrypto({ storageKey: key })),
  ]);
  Recipients.choose(client, own);
  if (!signal.aborted) return;
  client.stopClient();
  await client.store.destroy();
  signal.throwIfAborted();
}

export async function startSession(
  credentials: Credentials,
  password: string | undefined,
  parts: Parts,
): Promise<Session> {
  silence();
  prefetchCryptography();
  const { vault, deviceName, shown, signal } = parts;
  const tokens = new TokenKeeper(
    credentials,
    (next) => vault.write('credentials', { ...credentials, ...next }),
    fetchUntil(signal),
  );
  const keys = new SecretKeys();
  const line = new Line();
  const fetchFn = paced(await withLastVersions(inLine(tokens.fetch, line), vault));
  const list = (shown?.rooms ?? []).flatMap(({ id, membership }) => (membership === 'join' ? [id] : []));
  const store = new SyncStore(window.indexedDB, shown && { first: shown.first, list });
  const client = withoutCalls(makeClient(credentials, keys, fetchFn, store));
  const restoring = new Restoring(client, store);
  const own = new OwnDevice(client, vault);
  await openStores(client, own, parts);
  const files = new MatrixFiles({
    homeserver: credentials.homeserver,
    fetch: tokens.fetch,
    send: sendUntil(
      signal,
      senderWith(() => tokens.accessToken),
    ),
    seal,
  });
  const rooms = new SdkRooms({
    client,
    vault,
    own,
    files,
    line,
    waiting: restoring,
    shown: shown?.rooms ?? [],
  });
  const safety = new SdkSafety({ client, keys, vault, own, password });
  const session = new SdkSession({ client, restoring, safety, rooms, vault, deviceName });
  tokens.onExpired = session.expire;
  await session.start();
  return session;
}
