// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import { Cell } from '../live.ts';
import type { Attachment } from '../files.ts';
import type { AddressInfo } from '../identity.ts';
import type {
  Calls,
  HeldRoom,
  ListedRoom,
  Member,
  NewRoom,
  Person,
  Room,
  Rooms,
  RoomSummary,
} from '../rooms.ts';
import type { Item } from '../timeline.ts';
import { FakeFiles } from './files.ts';
import { FakeGallery } from './gallery.ts';
import { FakeGovernance } from './governance.ts';
import { FakePins, FakeThreads } from './threads.ts';
import { FakeTimeline } from './timeline.ts';

export function fakeSummary(part: Partial<RoomSummary> & { id: string }): RoomSummary {
  return {
    name: part.id,
    kind: 'private',
    membership: 'join',
    encrypted: true,
    seed: part.id,
    external: false,
    favourite: false,
    unread: 0,
    mentions: 0,
    last: undefined,
    at: 0,
    inviter: undefined,
    topic: undefined,
    picture: undefined,
    ...part,
  };
}

export const fakePerson = (id: string, name: string, more: Partial<Person> = {}): Person => ({
  id,
  name,
  external: false,
  organisation: undefined,
  ...more,
});

export function fakeMember(part: Partial<Member> & { id: string; name: string }): Member {
  return { ...fakePerson(part.id, part.name), role: 'member', invited: false, below: true, ...part };
}

export class FakeRoom implements Room {
  readonly id: string;
  readonly summary: Cell<RoomSummary>;
  readonly timeline = new FakeTimeline();
  readonly governance = new FakeGovernance();
  readonly threads = new FakeThreads();
  readonly pins = new FakePins();
  readonly files = new FakeFiles();
  readonly calls = new Cell<Calls>('default');
  readonly changed = new Cell<readonly Person[]>([]);
  readonly members = new Cell<readonly Member[]>([]);
  readonly typing = new Cell<readonly string[]>([]);
  readonly spaces = new Cell<readonly Pick<RoomSummary, 'id' | 'name'>[]>([]);
  readonly told: boolean[] = [];
  readonly mailed: string[] = [];
  failing: Failure | undefined;

  constructor(summary: RoomSummary) {
    this.id = summary.id;
    this.summary = new Cell(summary);
  }

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  async acceptIdentity(userId: string): Promise<void> {
    this.check();
    this.changed.set(this.changed.get().filter((person) => person.id !== userId));
  }

  async isEncrypted(): Promise<boolean> {
    return this.summary.get().encrypted;
  }

  async loadMembers(): Promise<void> {
    this.check();
  }

  async invite(userId: string): Promise<void> {
    this.check();
    const name = userId.slice(1);
    this.members.set([...this.members.get(), fakeMember({ id: userId, name, invited: true })]);
  }

  async inviteAddress(address: string): Promise<void> {
    this.check();
    this.mailed.push(address);
  }

  async setCalls(calls: Calls): Promise<void> {
    this.check();
    this.calls.set(calls);
  }

  async setFavourite(favourite: boolean): Promise<void> {
    this.check();
    this.summary.patch({ favourite });
  }

  gallery(): FakeGallery {
    return new FakeGallery();
  }

  async history(onProgress: (count: number) => void): Promise<readonly Item[]> {
    this.check();
    const { items } = this.timeline.state.get();
    onProgress(items.length);
    return items;
  }

  setTyping(typing: boolean): void {
    this.told.push(typing);
  }

  close(): void {}
}

export class FakeRooms implements Rooms {
  readonly list = new Cell<readonly RoomSummary[]>([]);
  readonly unsent = new Cell(0);
  readonly forwarded: [string, string][] = [];
  people: Person[] = [];
  listed: ListedRoom[] = [];
  failing: Failure | undefined;

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  private add(summary: RoomSummary): string {
    this.list.set([summary, ...this.list.get()]);
    return summary.id;
  }

  open(roomId: string): FakeRoom | undefined {
    const summary = this.list.get().find((room) => room.id === roomId);
    return summary && new FakeRoom(summary);
  }

  async create({ name, topic, kind }: NewRoom): Promise<string> {
    this.check();
    return this.add(
      fakeSummary({ id: `!${name}`, name, topic: topic || undefined, kind, encrypted: kind !== 'public' }),
    );
  }

  async talkTo(userId: string): Promise<string> {
    this.check();
    const id = `!${userId}`;
    if (this.list.get().some((room) => room.id === id)) return id;
    return this.add(fakeSummary({ id, name: userId, kind: 'direct' }));
  }

  async forward(roomId: string, { text }: { text: string }): Promise<void> {
    this.check();
    this.forwarded.push([roomId, text]);
  }

  async forwardFile(roomId: string, { name }: Attachment): Promise<void> {
    this.check();
    this.forwarded.push([roomId, name]);
  }

  async accept(roomId: string): Promise<void> {
    this.check();
    this.list.set(
      this.list.get().map((room) => (room.id === roomId ? { ...room, membership: 'join' } : room)),
    );
  }

  async refuse(roomId: string): Promise<void> {
    this.check();
    this.list.set(this.list.get().filter((room) => room.id !== roomId));
  }

  async findRooms(term: string): Promise<readonly ListedRoom[]> {
    this.check();
    return this.listed.filter((room) => room.name.toLowerCase().includes(term.toLowerCase()));
  }

  async preview(roomId: string): Promise<ListedRoom> {
    this.check();
    const room = this.listed.find((one) => one.id === roomId);
    if (!room) throw new Failure('M_NOT_FOUND', 404);
    return room;
  }

  /** Rooms that refuse who wants to come in, each as often as it has failures. */
  readonly refusing = new Map<string, Failure[]>();

  async joinListed(roomId: string): Promise<void> {
    this.check();
    const refusal = this.refusing.get(roomId)?.shift();
    if (refusal) throw refusal;
    const room = this.listed.find((one) => one.id === roomId);
    if (!room) throw new Failure('M_NOT_FOUND', 404);
    this.add(fakeSummary({ id: room.id, name: room.name, kind: 'public', encrypted: false }));
  }

  private enter(roomId: string, entry: ListedRoom['entry']): void {
    this.check();
    this.listed = this.listed.map((room) => (room.id === roomId ? { ...room, entry } : room));
  }

  async ask(roomId: string, reason: string): Promise<void> {
    this.enter(roomId, 'asked');
    this.reasons.push(reason);
  }

  async withdraw(roomId: string): Promise<void> {
    this.enter(roomId, 'ask');
  }

  readonly reasons: string[] = [];
  readonly files = new FakeFiles();
  readonly spaces = new Map<string, HeldRoom[]>();

  async held(spaceId: string): Promise<readonly HeldRoom[]> {
    this.check();
    return this.spaces.get(spaceId) ?? [];
  }

  async hold(spaceId: string, roomId: string, held: boolean): Promise<void> {
    this.check();
    const others = (this.spaces.get(spaceId) ?? []).filter((room) => room.id !== roomId);
    const room = this.list.get().find(({ id }) => id === roomId);
    const { name = roomId, topic, picture } = room ?? {};
    const more = { theme: undefined, members: 1, kind: 'room', joined: true, entry: 'closed' } as const;
    this.spaces.set(spaceId, held ? [...others, { id: roomId, name, topic, picture, ...more }] : others);
  }

  async findPeople(term: string): Promise<readonly Person[]> {
    this.check();
    return this.people.filter((person) => person.name.toLowerCase().includes(term.toLowerCase()));
  }

  async about(address: string): Promise<AddressInfo> {
    this.check();
    const external = !address.endsWith('interieur.example');
    return { organisation: external ? undefined : 'Intérieur', external };
  }
}
