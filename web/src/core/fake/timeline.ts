// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import type { Attachment } from '../files.ts';
import { Cell } from '../live.ts';
import type { Message, NewPoll, Outgoing, Timeline, TimelineState } from '../timeline.ts';

export function fakeMessage(part: Partial<Message> & { id: string }): Message {
  return {
    type: 'message',
    sender: { id: '@alix:example.org', name: 'Alix', external: false, organisation: undefined },
    mine: false,
    at: Date.UTC(2026, 0, 5, 9),
    content: { kind: 'text', text: part.id, html: undefined },
    edited: false,
    doubt: undefined,
    replyTo: undefined,
    reactions: [],
    thread: undefined,
    state: 'sent',
    mentionsMe: false,
    mayEdit: part.mine ?? false,
    mayDelete: part.mine ?? false,
    readBy: [],
    ...part,
  };
}

const ME = { id: '@camille:example.org', name: 'Camille', external: false, organisation: undefined };

export class FakeTimeline implements Timeline {
  readonly state = new Cell<TimelineState>({
    items: [],
    atStart: true,
    atEnd: true,
    loading: 'no',
    failure: undefined,
    readUpTo: undefined,
  });
  readonly sent: Outgoing[] = [];
  readonly files: [Attachment, string | undefined][] = [];
  readonly edited: [string, Outgoing][] = [];
  readonly loaded: (string | undefined)[] = [];
  readonly polls: NewPoll[] = [];
  readonly votes: [string, readonly string[] | 'end'][] = [];
  readonly reports: [string, string][] = [];
  marked = 0;
  failing: Failure | undefined;

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  private change(id: string, change: (message: Message) => Message): void {
    const items = this.state.get().items.map((i) => (i.type === 'message' && i.id === id ? change(i) : i));
    this.state.patch({ items });
  }

  async load(eventId?: string): Promise<void> {
    this.loaded.push(eventId);
  }

  async back(): Promise<void> {}
  async forward(): Promise<void> {}

  async send(message: Outgoing): Promise<void> {
    this.sent.push(message);
    const { text, html } = message;
    const id = `$sent${this.sent.length}`;
    const echo = fakeMessage({
      id,
      sender: ME,
      mine: true,
      state: 'sending',
      content: { kind: 'text', text, html },
    });
    this.state.patch({ items: [...this.state.get().items, echo] });
  }

  async sendFile(attachment: Attachment, replyTo: string | undefined): Promise<void> {
    this.files.push([attachment, replyTo]);
  }

  async resend(id: string): Promise<void> {
    this.change(id, (message) => ({ ...message, state: 'sending' }));
  }

  async discard(id: string): Promise<void> {
    this.state.patch({ items: this.state.get().items.filter((item) => item.id !== id) });
  }

  async edit(id: string, message: Outgoing): Promise<void> {
    this.check();
    this.edited.push([id, message]);
  }

  async react(id: string, emoji: string): Promise<void> {
    this.check();
    this.change(id, (message) => {
      const others = message.reactions.filter((reaction) => reaction.emoji !== emoji);
      const had = others.length < message.reactions.length;
      return {
        ...message,
        reactions: had ? others : [...others, { emoji, people: [ME.name], mine: true }],
      };
    });
  }

  async loadAt(at: number): Promise<boolean> {
    const found = this.state.get().items.find((item) => item.at >= at);
    if (found) await this.load(found.id);
    return found !== undefined;
  }

  async putPoll(poll: NewPoll): Promise<void> {
    this.check();
    this.polls.push(poll);
  }

  async vote(id: string, answers: readonly string[]): Promise<void> {
    this.check();
    this.votes.push([id, answers]);
  }

  async endPoll(id: string): Promise<void> {
    this.check();
    this.votes.push([id, 'end']);
  }

  async report(id: string, reason: string): Promise<void> {
    this.check();
    this.reports.push([id, reason]);
  }

  async markRead(): Promise<void> {
    this.marked++;
  }
}
