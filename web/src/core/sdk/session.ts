// SPDX-License-Identifier: EUPL-1.2
import {
  ClientEvent,
  HttpApiEvent,
  type MatrixClient,
  PendingEventOrdering,
  SyncState,
  type SyncStateData,
  UserEvent,
} from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { Connection, Me, Session } from '../session.ts';
import type { SdkSafety } from './safety.ts';

export class SdkSession implements Session {
  readonly me: Cell<Me>;
  readonly connection = new Cell<Connection>('starting');
  readonly safety: SdkSafety;
  private readonly client: MatrixClient;

  constructor(client: MatrixClient, safety: SdkSafety) {
    this.safety = safety;
    this.client = client;
    const userId = client.getSafeUserId();
    this.me = new Cell({ userId, deviceId: client.getDeviceId() ?? '', name: userId });
  }

  async start(): Promise<void> {
    this.client.on(ClientEvent.Sync, this.onSync);
    this.client.on(HttpApiEvent.SessionLoggedOut, () => this.connection.set('ended'));
    this.client.on(UserEvent.DisplayName, this.readMe);
    await this.client.startClient({
      lazyLoadMembers: true,
      initialSyncLimit: 20,
      pendingEventOrdering: PendingEventOrdering.Detached,
    });
  }

  private readonly onSync = (state: SyncState, _: SyncState | null, data?: SyncStateData): void => {
    if (this.connection.get() === 'ended') return;
    if (state === SyncState.Prepared || state === SyncState.Syncing) {
      this.connection.set('online');
      this.readMe();
      if (!data?.fromCache) this.safety.begin();
    } else if (state === SyncState.Reconnecting || state === SyncState.Error) {
      this.connection.set('offline');
    }
  };

  private readonly readMe = (): void => {
    const { userId, deviceId } = this.me.get();
    const name = this.client.getUser(userId)?.displayName ?? userId.slice(1).split(':')[0] ?? userId;
    if (name !== this.me.get().name) this.me.set({ userId, deviceId, name });
  };

  async signOut(): Promise<void> {
    await this.client.logout(true).catch(() => {});
    await this.client.store.destroy();
  }

  async stop(): Promise<void> {
    this.client.stopClient();
    await this.client.store.destroy();
  }
}
