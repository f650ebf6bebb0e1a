// SPDX-License-Identifier: EUPL-1.2
// One attachment of a message: what the antivirus says of it, and what may be done with it. Its bytes are
// asked for once it may be opened, never before.
import { Failure, failureOf } from '../../core/failure.ts';
import { ANY, pictureType, playedType } from '../../core/file-types.ts';
import { type Attachment, type Files, mayOpen, type Verdict } from '../../core/files.ts';
import { Cell, type Live } from '../../core/live.ts';

export interface AttachmentState {
  readonly verdict: Verdict;
  /** Of an image, to be shown. */
  readonly preview: Blob | undefined;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

type Later = (action: () => void, ms: number) => () => void;

const FIRST_MS = 1000;
const LAST_MS = 60_000;

const timer: Later = (action, ms) => {
  const id = setTimeout(action, ms);
  return () => clearTimeout(id);
};

export class AttachmentModel {
  readonly attachment: Attachment;
  private readonly files: Files;
  private readonly later: Later;
  private readonly cell = new Cell<AttachmentState>({
    verdict: { state: 'pending', cause: undefined },
    preview: undefined,
    busy: false,
    failure: undefined,
  });
  private delay = FIRST_MS;
  private stopWaiting: () => void = () => {};
  private running = false;

  constructor(files: Files, attachment: Attachment, later: Later = timer) {
    this.files = files;
    this.attachment = attachment;
    this.later = later;
  }

  get state(): Live<AttachmentState> {
    return this.cell;
  }

  /** Asks until there is an answer for good. Returns what ends it. */
  start(): () => void {
    this.running = true;
    this.delay = FIRST_MS;
    void this.ask();
    return () => {
      this.running = false;
      this.stopWaiting();
    };
  }

  askAgain(): void {
    this.stopWaiting();
    this.delay = FIRST_MS;
    void this.ask();
  }

  private async ask(): Promise<void> {
    const verdict = await this.files.look(this.attachment.source);
    if (!this.running) return;
    this.cell.patch({ verdict });
    if (verdict.state === 'pending' || verdict.state === 'unreachable') {
      this.stopWaiting = this.later(() => void this.ask(), this.delay);
      this.delay = Math.min(this.delay * 2, LAST_MS);
    } else if (mayOpen(verdict)) {
      await this.show();
    }
  }

  /** The small picture, else the whole one; without either its name is shown, and it can be kept as a file. */
  private async show(): Promise<void> {
    const { kind, thumbnail, source } = this.attachment;
    if (kind !== 'image' || this.cell.get().preview) return;
    for (const ref of thumbnail ? [thumbnail, source] : [source]) {
      const bytes = await this.files.read(ref).catch(() => undefined);
      const type = bytes && pictureType(bytes);
      if (!bytes || !type) continue;
      this.cell.patch({ preview: new Blob([bytes], { type }) });
      return;
    }
  }

  /** The whole file, with a type that is harmless in a page; undefined: the state says why not. */
  async open(): Promise<Blob | undefined> {
    if (!mayOpen(this.cell.get().verdict) || this.cell.get().busy) return undefined;
    this.cell.patch({ busy: true, failure: undefined });
    try {
      const bytes = await this.files.read(this.attachment.source);
      const { kind, type } = this.attachment;
      const shown = kind === 'image' ? pictureType(bytes) : playedType(type);
      return new Blob([bytes], { type: shown ?? ANY });
    } catch (error) {
      this.fail(failureOf(error));
      return undefined;
    } finally {
      this.cell.patch({ busy: false });
    }
  }

  /** The antivirus may have come to know more since it was asked. */
  private fail(failure: Failure): void {
    if (failure.code === 'MCS_MEDIA_NOT_CLEAN') {
      this.cell.patch({ preview: undefined });
      this.askAgain();
    } else this.cell.patch({ failure });
  }
}
