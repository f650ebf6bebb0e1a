// SPDX-License-Identifier: EUPL-1.2
// Files that were chosen for one place to write, and those on their way.
import { Failure, failureOf } from '../../core/failure.ts';
import type { Attachment, Files } from '../../core/files.ts';
import type { KeptFiles } from '../../core/kept-files.ts';
import { Cell, type Live } from '../../core/live.ts';

export interface Chosen {
  readonly id: number;
  readonly bytes: File;
  readonly name: string;
  readonly picture: boolean;
  readonly description: string;
  /** tooLarge: it never leaves; waiting: after those before it. */
  readonly state: 'ready' | 'tooLarge' | 'waiting' | 'sending' | 'failed';
  /** From 0 to 1. */
  readonly progress: number;
  readonly failure: Failure | undefined;
  /** Its author knows that it keeps what was written into it. */
  readonly asIs: boolean;
  /** Its number among those that are kept until they are sent; 'no': it cannot be kept; undefined: it is
   * not known yet. */
  readonly kept: number | 'no' | undefined;
}

/** What happened last, to be said. */
export interface Said {
  readonly what: 'chosen' | 'back' | 'tooLarge' | 'sent' | 'failed' | 'cancelled';
  readonly name: string;
}

export interface AttachState {
  readonly chosen: readonly Chosen[];
  /** In bytes; undefined: none is known. */
  readonly limit: number | undefined;
  readonly said: Said | undefined;
}

/** What lasts longer than the page. */
export type Keeper = Pick<KeptFiles, 'read' | 'add' | 'describe' | 'forget'>;

const UNDER_WAY: ReadonlySet<Chosen['state']> = new Set(['waiting', 'sending']);

export class AttachModel {
  private readonly files: Files;
  private readonly keeper: Keeper;
  private readonly place: string;
  private readonly cell = new Cell<AttachState>({ chosen: [], limit: undefined, said: undefined });
  private readonly stops = new Map<number, AbortController>();
  private last = 0;
  private running = false;
  /** Of the room, at the moment of sending. */
  isEncrypted: () => Promise<boolean> = async () => true;
  /** What is answered at the moment of sending, which the first that leaves then takes along. */
  answering: () => string | undefined = () => undefined;
  /** Puts what has been uploaded into the room. */
  deliver: (attachment: Attachment, replyTo: string | undefined) => void = () => {};
  private readonly answers = new Map<number, string>();

  constructor(files: Files, keeper: Keeper, place: string) {
    this.files = files;
    this.keeper = keeper;
    this.place = place;
    void this.takeBack();
  }

  get state(): Live<AttachState> {
    return this.cell;
  }

  async add(list: Iterable<File>): Promise<void> {
    // At once: what was dropped is gone after the event.
    const files = [...list];
    // Without an answer the server says it at the end.
    const limit = await this.files.limit().catch(() => undefined);
    const added = files.map((file) => this.chosenOf(file, limit));
    const last = added.at(-1);
    if (!last) return;
    const worst = added.find((one) => one.state === 'tooLarge');
    this.cell.patch({
      chosen: [...this.cell.get().chosen, ...added],
      limit,
      said: worst ? { what: 'tooLarge', name: worst.name } : { what: 'chosen', name: last.name },
    });
    for (const one of added) if (one.state !== 'tooLarge') await this.keep(one);
  }

  private chosenOf(file: File, limit: number | undefined): Chosen {
    return {
      id: ++this.last,
      bytes: file,
      name: file.name,
      picture: file.type.startsWith('image/'),
      description: '',
      state: limit !== undefined && file.size > limit ? 'tooLarge' : 'ready',
      progress: 0,
      failure: undefined,
      asIs: false,
      kept: undefined,
    };
  }

  /** What an earlier page has left, before what is chosen now. */
  private async takeBack(): Promise<void> {
    const left = await this.keeper.read(this.place);
    if (left.length === 0) return;
    const limit = await this.files.limit().catch(() => undefined);
    const back = left.map(({ id, file, description }) => ({
      ...this.chosenOf(file, limit),
      description,
      kept: id,
    }));
    this.cell.patch({
      chosen: [...back, ...this.cell.get().chosen],
      limit,
      said: { what: 'back', name: back.map(({ name }) => name).join(', ') },
    });
  }

  private async keep({ id, bytes }: Chosen): Promise<void> {
    const kept = await this.keeper.add(this.place, bytes);
    const now = this.find(id);
    // Sent or taken out while it was written.
    if (!now && kept !== undefined) return this.keeper.forget(kept);
    this.change(id, { kept: kept ?? 'no' });
    if (now?.description && kept !== undefined) await this.keeper.describe(kept, now.description);
    return undefined;
  }

  private find(id: number): Chosen | undefined {
    return this.cell.get().chosen.find((one) => one.id === id);
  }

  private change(id: number, part: Partial<Chosen>): void {
    this.cell.patch({
      chosen: this.cell.get().chosen.map((one) => (one.id === id ? { ...one, ...part } : one)),
    });
  }

  describe(id: number, description: string): void {
    this.change(id, { description });
    const kept = this.find(id)?.kept;
    if (typeof kept === 'number') void this.keeper.describe(kept, description);
  }

  remove(id: number): void {
    const kept = this.find(id)?.kept;
    if (typeof kept === 'number') void this.keeper.forget(kept);
    this.cell.patch({ chosen: this.cell.get().chosen.filter((one) => one.id !== id) });
    this.answers.delete(id);
    this.stops.get(id)?.abort();
  }

  /** Back to what is chosen: it may be sent again, or taken out. */
  cancel(id: number): void {
    const stop = this.stops.get(id);
    if (stop) stop.abort();
    else this.change(id, { state: 'ready' });
  }

  retry(id: number): void {
    this.change(id, { state: 'waiting', progress: 0, failure: undefined });
    void this.run();
  }

  /** A picture that keeps what was written into it, by the camera perhaps: its author wants it so. */
  sendAsIs(id: number): void {
    this.change(id, { asIs: true });
    this.retry(id);
  }

  /** All that is ready, one after the other, in the order in which it was chosen. */
  send(): void {
    const ready = this.cell.get().chosen.filter((one) => one.state === 'ready');
    const first = ready[0];
    const answered = first && this.answering();
    if (answered) this.answers.set(first.id, answered);
    for (const one of ready) this.change(one.id, { state: 'waiting', progress: 0 });
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    atWork.add(this);
    for (;;) {
      const next = this.cell.get().chosen.find((one) => one.state === 'waiting');
      if (!next) break;
      await this.upload(next);
    }
    this.running = false;
    atWork.delete(this);
  }

  private async upload({ id, bytes, name, description, asIs }: Chosen): Promise<void> {
    const stop = new AbortController();
    this.stops.set(id, stop);
    this.change(id, { state: 'sending' });
    try {
      const attachment = await this.files.upload(
        { bytes, name, description: description.trim() || undefined, asIs },
        {
          encrypted: await this.isEncrypted(),
          onProgress: (progress) => this.change(id, { progress }),
          signal: stop.signal,
        },
      );
      // Cancelled, or taken out, while the last byte went.
      if (stop.signal.aborted) throw new Failure('ABORTED');
      this.deliver(attachment, this.answers.get(id));
      this.remove(id);
      this.cell.patch({ said: { what: 'sent', name } });
    } catch (error) {
      this.fail(id, name, failureOf(error));
    } finally {
      this.stops.delete(id);
    }
  }

  private fail(id: number, name: string, failure: Failure): void {
    const cancelled = failure.code === 'ABORTED';
    if (this.find(id)) {
      this.change(id, cancelled ? { state: 'ready', progress: 0 } : { state: 'failed', failure });
    }
    this.cell.patch({ said: { what: cancelled ? 'cancelled' : 'failed', name } });
  }
}

const atWork = new Set<AttachModel>();

/** How many are on their way, of all places to write. */
export const filesUnderWay = (): number =>
  [...atWork].flatMap((model) => model.state.get().chosen).filter(({ state }) => UNDER_WAY.has(state)).length;

/** Those that hold something, shown or not. */
const filled = new Set<AttachModel>();

/** The end of the page would take a file along that is on its way, or not kept. */
export const filesWouldBeLost = (): boolean =>
  [...filled]
    .flatMap((model) => model.state.get().chosen)
    .some(({ state, kept }) => UNDER_WAY.has(state) || (state !== 'tooLarge' && typeof kept !== 'number'));

function made(files: Files, keeper: Keeper, place: string): AttachModel {
  const model = new AttachModel(files, keeper, place);
  model.state.subscribe(() => {
    if (model.state.get().chosen.length > 0) filled.add(model);
    else filled.delete(model);
  });
  return model;
}

const trays = new WeakMap<Keeper, Map<string, AttachModel>>();

/** The one of a place to write: what is on its way goes on while one looks at another room. By what keeps the
 * files, since a visit that begins with what the last one showed has two ways to them, one after the other,
 * of which the first leads to the second. */
export function attachModelOf(files: Files, keeper: Keeper, place: string): AttachModel {
  const known = trays.get(keeper) ?? new Map<string, AttachModel>();
  trays.set(keeper, known);
  const model = known.get(place) ?? made(files, keeper, place);
  known.set(place, model);
  return model;
}
