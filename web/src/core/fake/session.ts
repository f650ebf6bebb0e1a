// SPDX-License-Identifier: EUPL-1.2
// A session without a server, for tests of view models: each method does what the words of the port say,
// in memory.
import { Drafts } from '../drafts.ts';
import { Cell } from '../live.ts';
import { MemoryVault } from '../vault.ts';
import { FakeAccount } from './account.ts';
import { FakePeople } from './people.ts';
import { FakeAlerts } from './alerts.ts';
import { FakeDeeds } from './deeds.ts';
import { FakePersonal } from './personal.ts';
import { FakePush } from './push.ts';
import { FakeRooms } from './rooms.ts';
import { FakeSafety } from './safety.ts';
import { FakeSaved } from './saved.ts';
import { FakeSearch } from './search.ts';
import type { Connection, Me, Offers, Session } from '../session.ts';

export class FakeSession implements Session {
  readonly me = new Cell<Me>({
    userId: '@camille:example.org',
    deviceId: 'DEVICE',
    name: 'Camille Durand',
    known: true,
    external: false,
    organisation: 'Intérieur',
  });
  readonly offers = new Cell<Offers>({ openRooms: true, renaming: false });
  readonly connection = new Cell<Connection>('online');
  readonly safety = new FakeSafety();
  readonly rooms = new FakeRooms();
  readonly people = new FakePeople();
  readonly personal = new FakePersonal();
  readonly account = new FakeAccount();
  readonly search = new FakeSearch();
  readonly saved = new FakeSaved();
  readonly alerts = new FakeAlerts();
  readonly push = new FakePush();
  readonly deeds = new FakeDeeds();
  renewals = 0;

  readonly drafts = new Drafts(new MemoryVault());

  async rename(name: string): Promise<void> {
    this.me.patch({ name });
  }

  async sendRenewal(): Promise<void> {
    this.renewals++;
  }

  async signOut(): Promise<void> {
    this.connection.set('ended');
  }

  async stop(): Promise<void> {}
}
