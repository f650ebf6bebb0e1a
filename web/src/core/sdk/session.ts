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
import type { Drafts } from '../drafts.ts';
import { Cell } from '../live.ts';
import type { Connection, Me, Session } from '../session.ts';
import { nameOf } from './names.ts';
import type { SdkRooms } from './rooms.ts';
import type { SdkSafety } from './safety.ts';

export class SdkSession implements Session {
  readonly me: Cell<Me>;
  readonly connection = new Cell<Connection>('starting');
  readonly safety: SdkSafety;
  readonly rooms: SdkRooms;
  readonly drafts: Drafts;
  private readonly client: MatrixClient;
  private begun = false;

  constructor(client: MatrixClient, safety: SdkSafety, rooms: SdkRooms, drafts: Drafts) {
    this.safety = safety;
    this.drafts = drafts;
    this.rooms = rooms;
    this.client = client;
    const userId = client.getSafeUserId();
    this.me = new Cell({ userId, deviceId: client.getDeviceId() ?? '', name: nameOf(userId, undefined) });
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
      const wasOffline = this.connection.get() === 'offline';
      this.connection.set('online');
      this.readMe();
      this.rooms.read();
      if (!data?.fromCache) this.begin();
      if (wasOffline) void this.rooms.outbox.resendAll();
    } else if (state === SyncState.Reconnecting || state === SyncState.Error) {
      this.connection.set('offline');
    }
  };

  /** After the first answer of the server. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.safety.begin();
    void this.readProfile();
    void this.rooms.outbox.begin();
  }

  /** Without presence, nothing in a sync tells one's own name. */
  private async readProfile(): Promise<void> {
    const { userId } = this.me.get();
    const profile = await this.client.getProfileInfo(userId).catch(() => undefined);
    if (profile) this.me.patch({ name: nameOf(userId, profile.displayname) });
  }

  private readonly readMe = (): void => {
    const { userId } = this.me.get();
    const name = this.client.getUser(userId)?.displayName;
    if (name && name !== userId && name !== this.me.get().name) this.me.patch({ name });
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
