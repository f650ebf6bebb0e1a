// SPDX-License-Identifier: EUPL-1.2
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Rooms } from '../../core/rooms.ts';
import type { Text } from '../../i18n/text.ts';
import { asHtml, asText, type Conversation, type Format } from './writing.ts';

export interface ExportState {
  readonly format: Format;
  /** Messages that have come so far; undefined: it is not at work. */
  readonly count: number | undefined;
  readonly done: boolean;
  readonly failure: Failure | undefined;
}

export class ExportModel {
  private readonly rooms: Rooms;
  private readonly ids: readonly string[];
  private readonly cell = new Cell<ExportState>({
    format: 'html',
    count: undefined,
    done: false,
    failure: undefined,
  });
  private stopped = false;

  constructor(rooms: Rooms, ids: readonly string[]) {
    this.rooms = rooms;
    this.ids = ids;
  }

  get state(): Live<ExportState> {
    return this.cell;
  }

  setFormat(format: Format): void {
    this.cell.patch({ format, done: false });
  }

  /** What has been read is left. */
  stop(): void {
    this.stopped = true;
  }

  /** The file, room after room; undefined when it failed or was stopped. */
  async run(text: Text): Promise<string | undefined> {
    if (this.cell.get().count !== undefined) return undefined;
    this.cell.patch({ count: 0, done: false, failure: undefined });
    try {
      const conversations: Conversation[] = [];
      let before = 0;
      for (const id of this.ids) {
        const room = this.rooms.open(id);
        if (!room || this.stopped) continue;
        const items = await room.history((count) => this.cell.patch({ count: before + count }));
        before += items.length;
        const { name, kind } = room.summary.get();
        conversations.push({ name, direct: kind === 'direct', items });
        room.close();
      }
      this.cell.patch({ count: undefined, done: !this.stopped });
      if (this.stopped) return undefined;
      return this.cell.get().format === 'html' ? asHtml(conversations, text) : asText(conversations, text);
    } catch (error) {
      this.cell.patch({ count: undefined, failure: failureOf(error) });
      return undefined;
    }
  }
}
