// SPDX-License-Identifier: EUPL-1.2
import {
  ClientEvent,
  HttpApiEvent,
  type MatrixClient,
  Method,
  PendingEventOrdering,
  SyncState,
  type SyncStateData,
  UserEvent,
} from 'matrix-js-sdk';
import { Drafts } from '../drafts.ts';
import { earlyRoom } from '../early-room.ts';
import { Cell } from '../live.ts';
import type { Connection, Me, Offers, Session } from '../session.ts';
import type { Vault } from '../vault.ts';
import { SdkAccount } from './account.ts';
import { SdkAlerts } from './alerts.ts';
import { SdkDeeds } from './deeds.ts';
import { Identity } from './identity.ts';
import { Network } from '../network.ts';
import { nameOf, personOf } from './names.ts';
import { SdkPeople } from './people.ts';
import { SdkPersonal } from './personal.ts';
import { SdkPush } from './push.ts';
import type { Restoring } from './restoring.ts';
import type { SdkRooms } from './rooms.ts';
import type { SdkSafety } from './safety.ts';
import { SdkSaved } from './saved.ts';
import { SdkSearch } from './searching.ts';
import { telling } from './telling.ts';

/** What is given, at the end, to what was asked for and is not done: the server is to hear of the end, too. */
const DEEDS_MS = 2500;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

interface Parts {
  readonly client: MatrixClient;
  readonly restoring: Restoring;
  readonly safety: SdkSafety;
  readonly rooms: SdkRooms;
  readonly vault: Vault;
  readonly deviceName: string;
}

export class SdkSession implements Session {
  readonly me: Cell<Me>;
  readonly offers = new Cell<Offers>({ openRooms: false, renaming: false });
  readonly connection = new Cell<Connection>('starting');
  readonly safety: SdkSafety;
  readonly rooms: SdkRooms;
  readonly drafts: Drafts;
  readonly people: SdkPeople;
  readonly personal: SdkPersonal;
  readonly account: SdkAccount;
  readonly search: SdkSearch;
  readonly saved: SdkSaved;
  readonly alerts: SdkAlerts;
  readonly push: SdkPush;
  readonly deeds: SdkDeeds;
  private readonly client: MatrixClient;
  private readonly restoring: Restoring;
  private begun = false;
  private readonly network = new Network({
    onDown: () => this.cutOff(),
    onUp: () => void this.backAgain(),
    onHidden: () => void this.client.store.save(true).catch(() => {}),
  });

  constructor({ client, restoring, safety, rooms, vault, deviceName }: Parts) {
    this.restoring = restoring;
    restoring.onNews = (answer) => rooms.doubts.take(answer);
    rooms.standIn = (summary) =>
      earlyRoom(
        restoring.restore([summary.id]).then(() => this),
        rooms.files,
        summary,
        undefined,
      );
    this.safety = safety;
    this.drafts = new Drafts(vault);
    this.search = new SdkSearch(client, vault);
    this.rooms = rooms;
    this.client = client;
    this.people = new SdkPeople(client, restoring);
    this.saved = new SdkSaved(client, rooms.doubts, restoring);
    this.personal = new SdkPersonal(client);
    this.account = new SdkAccount(client);
    this.alerts = new SdkAlerts(client);
    this.push = new SdkPush(client, deviceName);
    this.deeds = new SdkDeeds(client, vault);
    const userId = client.getSafeUserId();
    this.me = new Cell<Me>({
      userId,
      deviceId: client.getDeviceId() ?? '',
      name: nameOf(userId, undefined),
      known: false,
      external: false,
      organisation: undefined,
    });
    client.identityServer = new Identity(client);
  }

  async start(): Promise<void> {
    this.client.on(ClientEvent.Sync, this.onSync);
    this.client.on(HttpApiEvent.SessionLoggedOut, () => this.connection.set('ended'));
    this.client.on(UserEvent.DisplayName, this.readMe);
    this.network.listen();
    await this.client.startClient({
      lazyLoadMembers: true,
      initialSyncLimit: 20,
      threadSupport: true,
      pendingEventOrdering: PendingEventOrdering.Detached,
    });
    this.restoring.attach();
  }

  private readonly onSync = (state: SyncState, _: SyncState | null, data?: SyncStateData): void => {
    if (this.connection.get() === 'ended') return;
    if (state === SyncState.Prepared && data?.fromCache) this.showLastVisit();
    else if (state === SyncState.Prepared || state === SyncState.Syncing) this.answered();
    else if (state === SyncState.Reconnecting || state === SyncState.Error) this.cutOff();
  };

  /** Nothing is asked of what the last visit left: it may be older than what this device has done since. */
  private showLastVisit(): void {
    this.readMe();
    this.rooms.read();
    if (this.network.isDown()) this.cutOff();
  }

  private answered(): void {
    const wasOffline = this.connection.get() === 'offline';
    this.connection.set('online');
    this.readMe();
    // From then on the rooms say themselves what changes.
    if (!this.begun || wasOffline) this.rooms.read();
    this.begin();
    if (!wasOffline) return;
    void this.rooms.outbox.resendAll();
    this.deeds.resume();
  }

  private readonly cutOff = (): void => {
    if (['ended', 'expired'].includes(this.connection.get())) return;
    this.connection.set('offline');
    // What the last visit could not send is shown, and waits with what is written now.
    if (!this.begun && this.rooms.list.get().length > 0) void this.rooms.outbox.begin(false);
    void this.restoring.begin();
    void this.client.store.save(true).catch(() => {});
  };

  /** The network may be back before the request that waits notices: a small one asks. */
  private readonly backAgain = async (): Promise<void> => {
    this.client.retryImmediately();
    const answered = await this.client.whoami().then(
      () => true,
      () => false,
    );
    if (answered && this.begun && this.connection.get() === 'offline') this.answered();
  };

  /** After the first answer of the server. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.safety.begin();
    this.personal.read();
    this.people.read();
    this.saved.read();
    void this.readProfile();
    void this.readOffers();
    void this.rooms.outbox.begin(true);
    this.safety.state.subscribe(() => {
      if (this.safety.state.get().at === 'ready') void this.rooms.outbox.resendHeld();
    });
    void this.deeds.begin();
    this.alerts.begin();
    void this.restoring.begin();
    void this.restoring.all().then(() => this.beginWithAll());
  }

  private beginWithAll(): void {
    this.rooms.read();
    const ids = this.rooms.list.get().map(({ id }) => id);
    void this.drafts.files.tidy(new Set([...ids, ...this.restoring.broken]));
    void this.search.begin();
  }

  /** Without presence, nothing in a sync tells one's own name. */
  private async readProfile(): Promise<void> {
    const { userId } = this.me.get();
    const profile = await this.client.getProfileInfo(userId).catch(() => undefined);
    if (!profile) return;
    const { name, external, organisation } = personOf(userId, profile.displayname, { ...profile });
    this.me.patch({ name, external, organisation, known: true });
  }

  private async readOffers(): Promise<void> {
    const has = (await this.client.getCapabilities().catch(() => ({}))) as Record<
      string,
      { enabled?: boolean } | undefined
    >;
    this.offers.set({
      openRooms: has['org.chappe.access_rules']?.enabled === true,
      renaming: has['m.set_displayname']?.enabled !== false,
    });
  }

  private readonly readMe = (): void => {
    const { userId, name, organisation } = this.me.get();
    const told = this.client.getUser(userId)?.displayName;
    if (!told || told === userId) return;
    const next = nameOf(userId, told, organisation);
    if (next !== name) this.me.patch({ name: next });
  };

  async rename(name: string): Promise<void> {
    await telling(() => this.client.setDisplayName(name));
    this.me.patch({ name });
  }

  /** Told by the requests themselves; the next sync that is answered says that it is over. */
  readonly expire = (): void => {
    if (this.connection.get() !== 'ended') this.connection.set('expired');
  };

  sendRenewal(): Promise<void> {
    const prefix = '/_matrix/client/unstable';
    return telling(
      async () =>
        void (await this.client.http.authedRequest(
          Method.Post,
          '/account_validity/send_mail',
          undefined,
          undefined,
          { prefix },
        )),
    );
  }

  /** The SDK's first sync, which is stopped while it still reads its own store, would say so to nobody. */
  private quieten(): void {
    const { syncApi } = this.client as unknown as { syncApi?: { currentSyncRequest?: Promise<unknown> } };
    syncApi?.currentSyncRequest?.catch(() => {});
  }

  /** Nothing is written from then on. */
  private close(): Promise<void> {
    this.restoring.stop();
    this.search.stop();
    this.network.close();
    this.quieten();
    this.client.stopClient();
    return this.client.store.destroy();
  }

  async signOut(): Promise<void> {
    const closed = this.close().catch(() => {});
    this.client.http.abort();
    await Promise.race([this.deeds.finish(), pause(DEEDS_MS)]);
    await this.client.http.authedRequest(Method.Post, '/logout', undefined, undefined, { keepAlive: true });
    await closed;
  }

  stop(): Promise<void> {
    return this.close();
  }
}
