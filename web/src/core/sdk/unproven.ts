// SPDX-License-Identifier: EUPL-1.2
// Keys of messages that came while this device looked on, and should have come with them: from others' devices
// to this one. Where such a key comes from the backup instead, nothing says who has given it: the backup is
// written with a key that whoever runs the server knows, and they could put one of their own into it and write
// as anybody. What this device has fetched from before is no such message: its keys come from there for good.
//
// What came live is read from what the server answers, before the SDK makes anything of it: its own events say
// so of replies in threads that it takes from the last visit too, and of what was jumped to.
import {
  type IJoinedRoom,
  type ISyncResponse,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
} from 'matrix-js-sdk';
import { str } from '../unchecked.ts';
import type { Vault } from '../vault.ts';
import type { OwnDevice } from './own-device.ts';

const NAME = 'unproven';
/** Keys that were found to be without proof; the oldest are forgotten. */
const MOST = 1000;
const DAY_MS = 24 * 3_600_000;
/** Who is away for longer may miss keys: a server need not hold them for ever (ours: 90 days). */
const AWAY_MS = 60 * DAY_MS;
/** After which nobody writes with a key that could have been among those. */
const AFRESH_MS = 8 * DAY_MS;

interface Kept {
  /** By sender, room and key. */
  keys: readonly string[];
  /** When the server was last heard, to a day. */
  heard?: number;
  /** From when on keys are missed again. */
  from?: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const keptOf = (value: unknown): Kept => {
  const { keys, heard, from } = (isRecord(value) ? value : {}) as Partial<Kept>;
  return { keys: Array.isArray(keys) ? keys : [], ...(heard && { heard }), ...(from && { from }) };
};

/** What one room's part of an answer says, which may have any shape. */
const eventsIn = (section: unknown): Record<string, unknown>[] => {
  const events = isRecord(section) ? section.events : undefined;
  return Array.isArray(events) ? events.filter(isRecord) : [];
};

/** One has been out in the meantime. */
const wasOut = (room: Partial<IJoinedRoom> | null, me: string): boolean =>
  [room?.timeline, room?.['org.matrix.msc4222.state_after'] ?? room?.state]
    .flatMap(eventsIn)
    .some(
      ({ type, state_key: key, content }) =>
        type === 'm.room.member' && key === me && isRecord(content) && content.membership !== 'join',
    );

export class Unproven {
  private readonly client: MatrixClient;
  private readonly own: Pick<OwnDevice, 'isKnown'>;
  private readonly vault: Pick<Vault, 'read' | 'write'>;
  /** Messages that came live and that nobody has read yet. */
  private readonly came = new Set<string>();
  /** Keys of those that were read. */
  private readonly live = new Set<string>();
  private readonly keys = new Set<string>();
  private readonly read: Promise<void>;
  private heard: number | undefined;
  private heardKept = 0;
  private from = 0;
  /** What is kept is not known: nothing is written over it. */
  private unread = false;
  /** The server holds more of what was sent to this device, keys among it. */
  behind = false;

  constructor(client: MatrixClient, own: Pick<OwnDevice, 'isKnown'>, vault: Pick<Vault, 'read' | 'write'>) {
    this.client = client;
    this.own = own;
    this.vault = vault;
    this.read = vault.read(NAME).then(
      (value) => this.begin(keptOf(value)),
      () => {
        this.unread = true;
      },
    );
  }

  private begin({ keys, heard, from = 0 }: Kept): void {
    for (const key of keys) this.keys.add(key);
    this.heard ??= heard;
    this.heardKept = heard ?? 0;
    this.from = from;
  }

  /** What a server tells has happened since the answer before, and is not part of the SDK yet. */
  async take({ rooms, to_device: sent }: Partial<ISyncResponse>): Promise<void> {
    const ids = this.liveIds(rooms?.join ?? {});
    await this.read;
    this.behind = eventsIn(sent).length > 0;
    const { heard } = this;
    const now = Date.now();
    this.heard = now;
    if (heard !== undefined && now - heard > AWAY_MS) this.from = now + AFRESH_MS;
    if (now - this.heardKept > DAY_MS) this.save();
    // All of it was written after that.
    if (heard === undefined || heard < this.from) return;
    if (!(await this.own.isKnown(heard).catch(() => false))) return;
    for (const id of ids) this.came.add(id);
  }

  /** What is encrypted, in rooms in which one was before. */
  private liveIds(rooms: Record<string, Partial<IJoinedRoom> | null>): string[] {
    const me = this.client.getSafeUserId();
    return Object.entries(rooms)
      .filter(([id, room]) => this.client.getRoom(id)?.getMyMembership() === 'join' && !wasOut(room, me))
      .flatMap(([, room]) => eventsIn(room?.timeline))
      .filter((event) => event.type === 'm.room.encrypted' && event.state_key === undefined)
      .flatMap((event) => str(event.event_id) ?? []);
  }

  /** Called with each of those that came, once it can be read. */
  onRead(listener: (event: MatrixEvent) => void): void {
    this.client.on(MatrixEventEvent.Decrypted, (event) => {
      if (this.came.has(event.getId() ?? '')) listener(event);
    });
  }

  /** That message was read with that key. */
  note(id: string, key: string): void {
    if (this.came.delete(id)) this.live.add(key);
  }

  /** Whether that key, which came from the backup, should have come with its message. It is kept then. */
  has(key: string): boolean {
    if (this.live.delete(key) && !this.keys.has(key)) {
      this.keys.add(key);
      this.save();
    }
    return this.keys.has(key);
  }

  /** It has come otherwise by now. */
  prove(key: string): void {
    this.live.delete(key);
    if (this.keys.delete(key)) this.save();
  }

  private save(): void {
    for (const key of [...this.keys].slice(0, -MOST)) this.keys.delete(key);
    if (this.unread) return;
    this.heardKept = this.heard ?? 0;
    const kept: Kept = { keys: [...this.keys], from: this.from };
    if (this.heard !== undefined) kept.heard = this.heard;
    this.vault.write(NAME, kept).catch(() => {});
  }
}
