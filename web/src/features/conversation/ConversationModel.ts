// SPDX-License-Identifier: EUPL-1.2
// One open conversation: what is being typed, to whom it answers, what is asked before it is done.
import type { Drafts } from '../../core/drafts.ts';
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import { startRecorder } from '../../core/recorder.ts';
import type { Member, Room } from '../../core/rooms.ts';
import type { OpenThread } from '../../core/threads.ts';
import type { Mentioned, Message, Outgoing, Timeline } from '../../core/timeline.ts';
import { fold } from '../../core/fold.ts';
import { type AttachModel, attachModelOf } from '../files/AttachModel.ts';
import type { UndoModel } from '../undo/UndoModel.ts';
import { type VoiceModel, voiceModelOf } from '../voice/VoiceModel.ts';
import { layOut, mentionsIn } from './html.ts';

const SUGGESTED = 6;
/** "@" and what follows it, just before the caret. */
const MENTION = /(?:^|\s)@([\p{Letter}\p{Mark}\d._-]*)$/u;

/** What stands beside the conversation. */
export type PanelName = 'none' | 'members' | 'info' | 'threads' | 'pins' | 'gallery' | 'thread';

export interface ConversationState {
  readonly text: string;
  readonly replyTo: Message | undefined;
  readonly editing: Message | undefined;
  readonly suggestions: readonly Member[];
  readonly chosen: number;
  /** The buttons of the layout are drawn. */
  readonly layout: boolean;
  readonly panel: PanelName;
  /** Of the panel "thread": the message that is answered, and the answer that it is opened at. */
  readonly rootId: string | undefined;
  readonly answerId: string | undefined;
  /** What is to be shown in the middle, and marked; a new object each time it is asked for. */
  readonly target: { readonly id: string } | undefined;
  /** It waits for the session of a visit that has just begun; until it has left, nothing is typed. */
  readonly sending: boolean;
  readonly failure: Failure | undefined;
}

interface Parts {
  room: Room;
  drafts: Drafts;
  /** One's own identifier. */
  me: string;
  undo: UndoModel;
  /** Whose messages are not shown. */
  blocked: Live<ReadonlySet<string>>;
  /** Without it: of the room itself. */
  thread?: { rootId: string } & OpenThread;
}

export class ConversationModel {
  readonly room: Room;
  readonly timeline: Timeline;
  readonly attach: AttachModel;
  readonly voice: VoiceModel;
  readonly blocked: Live<ReadonlySet<string>>;
  private readonly drafts: Drafts;
  private readonly me: string;
  readonly undo: UndoModel;
  private readonly thread: Parts['thread'];
  /** Where what is typed is kept. */
  private readonly draft: string;
  private readonly cell = new Cell<ConversationState>({
    text: '',
    replyTo: undefined,
    editing: undefined,
    suggestions: [],
    chosen: 0,
    layout: false,
    panel: 'none',
    rootId: undefined,
    answerId: undefined,
    target: undefined,
    sending: false,
    failure: undefined,
  });
  private mentioned: readonly Mentioned[] = [];
  private touched = false;
  private leaving = false;

  constructor({ room, drafts, me, undo, blocked, thread }: Parts) {
    this.room = room;
    this.thread = thread;
    this.timeline = thread?.timeline ?? room.timeline;
    this.draft = thread ? `${room.id} ${thread.rootId}` : room.id;
    this.drafts = drafts;
    this.me = me;
    this.undo = undo;
    this.blocked = blocked;
    this.attach = attachModelOf(room.files, drafts.files, this.draft);
    this.voice = voiceModelOf(room.files, drafts.files, this.draft, startRecorder);
    for (const door of [this.attach, this.voice]) {
      door.isEncrypted = () => room.isEncrypted();
      door.answering = () => {
        const id = this.cell.get().replyTo?.id;
        this.cell.patch({ replyTo: undefined });
        return id;
      };
      door.deliver = (attachment, replyTo) => void this.timeline.sendFile(attachment, replyTo);
    }
  }

  get state(): Live<ConversationState> {
    return this.cell;
  }

  get inThread(): boolean {
    return this.thread !== undefined;
  }

  /** A conversation of its own, to be opened, and closed by what opening gives. */
  openThread(rootId: string): ConversationModel {
    const { room, drafts, me, undo, blocked } = this;
    return new ConversationModel({
      room,
      drafts,
      me,
      undo,
      blocked,
      thread: { rootId, ...room.threads.open(rootId) },
    });
  }

  /** At the end, or at a message; with the draft that was left. Returns what undoes it. */
  open(eventId?: string): () => void {
    if (eventId) void this.goTo(eventId);
    else void this.timeline.load();
    if (!this.thread) void this.room.loadMembers().catch(() => {});
    void this.takeBack().catch(() => {});
    return () => {
      this.voice.leave();
      (this.thread ?? this.room).close();
    };
  }

  /** The draft that was left, unless one types already. */
  private async takeBack(): Promise<void> {
    const { drafts, draft } = this;
    const text = await drafts.read(draft);
    if (!this.touched && text) {
      this.mentioned = await drafts.mentioned(draft);
      this.cell.patch({ text });
    }
    if (await drafts.showsLayout()) this.cell.patch({ layout: true });
  }

  /** [UX-13] To a message, in its context: of one that was said in a thread, into the thread. */
  async goTo(eventId: string): Promise<void> {
    const rootId = this.thread ? undefined : await this.room.threads.rootOf(eventId);
    const id = rootId ?? eventId;
    this.cell.patch({ target: { id } });
    await this.timeline.load(id);
    if (rootId) this.showThread(rootId, eventId);
  }

  // ---- typing ----

  type(text: string, caret: number): void {
    this.touched = true;
    const found = MENTION.exec(text.slice(0, caret));
    this.cell.patch({
      text,
      failure: undefined,
      chosen: 0,
      suggestions: found ? this.suggest(found[1] ?? '') : [],
    });
    this.room.setTyping(text.trim() !== '');
    if (!this.cell.get().editing) this.keepDraft(text);
  }

  private keepDraft(text: string): void {
    void this.drafts.write(this.draft, text, this.mentionedIn(text)).catch(() => {});
  }

  /** Whose name still stands in it. */
  private mentionedIn(text: string): readonly Mentioned[] {
    return this.mentioned.filter(({ name }) => text.includes(`@${name}`));
  }

  private suggest(start: string): Member[] {
    const wanted = fold(start);
    return this.room.members
      .get()
      .filter(
        (m) =>
          m.id !== this.me &&
          fold(m.name)
            .split(/[\s.-]/)
            .concat(fold(m.name))
            .some((p) => p.startsWith(wanted)),
      )
      .slice(0, SUGGESTED);
  }

  /** Kept for the next conversation, and the next visit. */
  showLayout(layout: boolean): void {
    this.cell.patch({ layout });
    void this.drafts.showLayout(layout);
  }

  moveChoice(by: number): void {
    const { suggestions, chosen } = this.cell.get();
    const n = suggestions.length;
    if (n > 0) this.cell.patch({ chosen: (chosen + by + n) % n });
  }

  /** Puts a name in the place of what was typed of it; gives where the caret goes. */
  mention(member: Member, caret: number): number {
    const { text } = this.cell.get();
    const before = text.slice(0, caret).replace(/@[^@]*$/u, `@${member.name} `);
    this.mentioned = [...this.mentioned, { id: member.id, name: member.name }];
    const next = before + text.slice(caret);
    this.cell.patch({ text: next, suggestions: [], chosen: 0 });
    if (!this.cell.get().editing) this.keepDraft(next);
    return before.length;
  }

  closeSuggestions(): void {
    this.cell.patch({ suggestions: [] });
  }

  // ---- sending ----

  async submit(): Promise<void> {
    const { text, replyTo, editing } = this.cell.get();
    const trimmed = text.trim();
    if (!trimmed || this.leaving) return;
    const mentioned = this.mentionedIn(trimmed);
    const message = async (): Promise<Outgoing> => ({
      text: trimmed,
      html: await layOut(trimmed, mentioned),
      mentions: [...new Set(mentioned.map(({ id }) => id))],
      replyTo: replyTo?.id,
    });
    const { timeline } = this;
    if (!editing && (await this.handOver(async () => timeline.send(await message())))) this.clear();
    if (editing && (await this.handOver(async () => timeline.edit(editing.id, await message()))))
      await this.cancel();
  }

  /** The draft stays until the message cannot be lost any more: mostly no time at all. */
  private async handOver(send: () => Promise<void>): Promise<boolean> {
    this.leaving = true;
    const waits = setTimeout(() => this.cell.patch({ sending: true }));
    const taken = await this.attempt(send);
    clearTimeout(waits);
    this.leaving = false;
    if (this.cell.get().sending) this.cell.patch({ sending: false });
    return taken;
  }

  private clear(): void {
    this.mentioned = [];
    this.cell.patch({
      text: '',
      replyTo: undefined,
      editing: undefined,
      suggestions: [],
      failure: undefined,
    });
    this.room.setTyping(false);
    this.keepDraft('');
  }

  reply(message: Message): void {
    this.cell.patch({ replyTo: message, editing: undefined });
  }

  edit(message: Message): void {
    if (message.content.kind !== 'text') return;
    this.mentioned = mentionsIn(message.content.html);
    this.cell.patch({ editing: message, replyTo: undefined, text: message.content.text });
  }

  /** The last of one's own that may be edited. False: there is none. */
  editLast(): boolean {
    const items = this.timeline.state.get().items;
    const last = items.findLast((item): item is Message => item.type === 'message' && item.mayEdit);
    if (last) this.edit(last);
    return last !== undefined;
  }

  /** Back to the draft, without reply or edit. */
  async cancel(): Promise<void> {
    const { editing, text } = this.cell.get();
    const back = editing ? await this.drafts.read(this.draft).catch(() => '') : text;
    if (editing) this.mentioned = await this.drafts.mentioned(this.draft).catch(() => []);
    this.cell.patch({ editing: undefined, replyTo: undefined, suggestions: [], text: back });
  }

  // ---- acting on messages and the room ----

  async react(message: Message, emoji: string): Promise<void> {
    await this.attempt(() => this.timeline.react(message.id, emoji));
  }

  /** [UX-20] Gone from the screen at once, from the server when it can no longer be taken back. */
  remove(message: Message): void {
    this.undo.offer({
      deed: { what: 'remove', roomId: this.room.id, eventId: message.id },
      text: 'undo.deleted',
      refused: 'undo.deleteRefused',
      values: {},
    });
  }

  async acceptIdentity(userId: string): Promise<void> {
    await this.attempt(() => this.room.acceptIdentity(userId));
  }

  async setFavourite(favourite: boolean): Promise<void> {
    await this.attempt(() => this.room.setFavourite(favourite));
  }

  show(panel: Exclude<PanelName, 'thread'>): void {
    this.cell.patch({ panel, rootId: undefined, answerId: undefined });
  }

  showThread(rootId: string, answerId?: string): void {
    this.cell.patch({ panel: 'thread', rootId, answerId });
  }

  async vote(id: string, answers: readonly string[]): Promise<void> {
    await this.attempt(() => this.timeline.vote(id, answers));
  }

  async endPoll(id: string, words: string): Promise<void> {
    await this.attempt(() => this.timeline.endPoll(id, words));
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    await this.attempt(() => this.room.pins.set(id, pinned));
  }

  /** Puts a symbol where one types. */
  insert(symbol: string, at: number): number {
    const { text } = this.cell.get();
    this.type(text.slice(0, at) + symbol + text.slice(at), at + symbol.length);
    return at + symbol.length;
  }

  /** The end is on the screen of somebody who looks at it. */
  seen(): void {
    void this.timeline.markRead();
  }

  private async attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
      return false;
    }
  }
}
