// SPDX-License-Identifier: EUPL-1.2
// Messages that came while this device looked on, and should have come with their keys: from others' devices to
// this one. Where such a key comes from the backup instead, nothing says who has given it: the backup is written
// with a key that whoever runs the server knows, and they could put one of their own into it and write as
// anybody. What this device has fetched from before is no such message: its keys come from there for good.
import { ClientEvent, type MatrixClient, type MatrixEvent, MatrixEventEvent, RoomEvent } from 'matrix-js-sdk';
import type { Vault } from '../vault.ts';
import type { OwnDevice } from './own-device.ts';

const NAME = 'unproven';
/** Of those that were found to be without proof; the oldest are forgotten. */
const MOST = 500;

export class Unproven {
  private readonly own: Pick<OwnDevice, 'isKnown'>;
  private readonly vault: Pick<Vault, 'read' | 'write'>;
  /** What came while one looked on. */
  private readonly came = new Set<string>();
  /** Of them, and of those of earlier visits, what was found to be without proof. */
  private kept: readonly string[] = [];
  private synced = false;

  constructor(client: MatrixClient, own: Pick<OwnDevice, 'isKnown'>, vault: Pick<Vault, 'read' | 'write'>) {
    this.own = own;
    this.vault = vault;
    vault.read<string[]>(NAME).then(
      (kept = []) => {
        this.kept = [...kept, ...this.kept];
      },
      () => {},
    );
    // A first sync brings what was said before.
    client.on(ClientEvent.Sync, () => {
      this.synced = true;
    });
    client.on(RoomEvent.Timeline, (event, room, toStart, removed, { liveEvent }) => {
      // So does the one by which one comes into a room.
      const joined = room?.getMyMembership() === 'join';
      if (this.synced && joined && liveEvent && !toStart && !removed) void this.take(event);
    });
  }

  private async take(event: MatrixEvent): Promise<void> {
    const id = event.getId();
    if (!id || event.isState() || !event.isEncrypted()) return;
    if (await this.own.isKnown().catch(() => false)) this.came.add(id);
  }

  /** Called with each of those that came, once it can be read. */
  onRead(client: MatrixClient, listener: (event: MatrixEvent) => void): void {
    client.on(MatrixEventEvent.Decrypted, (event) => {
      if (this.came.has(event.getId() ?? '')) listener(event);
    });
  }

  /** Whether that message should have come with its key. What is asked about is kept. */
  has(id: string): boolean {
    if (this.kept.includes(id)) return true;
    if (!this.came.has(id)) return false;
    this.kept = [...this.kept, id].slice(-MOST);
    this.vault.write(NAME, this.kept).catch(() => {});
    return true;
  }
}
