// SPDX-License-Identifier: EUPL-1.2
// A voice message: recorded, listened to, sent or dropped.
import { type Failure, failureOf } from '../../core/failure.ts';
import type { Attachment, Files } from '../../core/files.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Recorder, Recording, StartRecorder } from '../../core/recorder.ts';

export interface VoiceState {
  readonly at: 'idle' | 'asking' | 'recording' | 'ready' | 'sending';
  /** Whole seconds that have been recorded. */
  readonly seconds: number;
  /** From 0 to 1. */
  readonly level: number;
  readonly recording: Recording | undefined;
  readonly failure: Failure | undefined;
}

/** Then it ends by itself. */
export const LONGEST_S = 300;

const IDLE: VoiceState = { at: 'idle', seconds: 0, level: 0, recording: undefined, failure: undefined };
const ENDS: Record<string, string> = { 'audio/ogg': 'ogg', 'audio/webm': 'webm', 'audio/mp4': 'm4a' };

export class VoiceModel {
  private readonly files: Files;
  private readonly startRecorder: StartRecorder;
  private readonly cell = new Cell<VoiceState>(IDLE);
  private recorder: Recorder | undefined;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private sending = new AbortController();
  isEncrypted: () => Promise<boolean> = async () => true;
  /** What is answered at the moment of sending. */
  answering: () => string | undefined = () => undefined;
  /** Puts what has been uploaded into the room. */
  deliver: (attachment: Attachment, replyTo: string | undefined) => void = () => {};
  private replyTo: string | undefined;

  constructor(files: Files, startRecorder: StartRecorder) {
    this.files = files;
    this.startRecorder = startRecorder;
  }

  get state(): Live<VoiceState> {
    return this.cell;
  }

  async start(): Promise<void> {
    if (this.cell.get().at !== 'idle') return;
    this.cell.set({ ...IDLE, at: 'asking' });
    try {
      const recorder = await this.startRecorder();
      // Called off while the browser asked.
      if (this.cell.get().at !== 'asking') return recorder.cancel();
      this.recorder = recorder;
      this.cell.patch({ at: 'recording' });
      recorder.level.subscribe(() => this.cell.patch({ level: recorder.level.get() }));
      this.ticking = setInterval(() => this.tick(), 1000);
    } catch (error) {
      this.cell.set({ ...IDLE, failure: failureOf(error) });
    }
    return undefined;
  }

  private tick(): void {
    const seconds = this.cell.get().seconds + 1;
    this.cell.patch({ seconds });
    if (seconds >= LONGEST_S) void this.stop();
  }

  async stop(): Promise<void> {
    const { recorder } = this;
    if (!recorder || this.cell.get().at !== 'recording') return;
    this.recorder = undefined;
    clearInterval(this.ticking);
    this.cell.patch({ at: 'ready', recording: await recorder.stop() });
  }

  /** One looks elsewhere: what was said is kept, to be listened to and sent when one is back. */
  leave(): void {
    if (this.cell.get().at === 'asking') this.cancel();
    else void this.stop();
  }

  cancel(): void {
    this.replyTo = undefined;
    clearInterval(this.ticking);
    this.recorder?.cancel();
    this.recorder = undefined;
    this.sending.abort();
    this.cell.set(IDLE);
  }

  async send(): Promise<void> {
    const { recording, at } = this.cell.get();
    if (!recording || at !== 'ready') return;
    this.sending = new AbortController();
    this.replyTo = this.answering() ?? this.replyTo;
    const { signal } = this.sending;
    this.cell.patch({ at: 'sending', failure: undefined });
    const { bytes, duration, waveform } = recording;
    const name = `message-vocal.${ENDS[bytes.type] ?? 'webm'}`;
    try {
      const attachment = await this.files.upload(
        { bytes, name, description: undefined },
        { encrypted: await this.isEncrypted(), onProgress: () => {}, signal },
      );
      if (signal.aborted) return;
      this.deliver({ ...attachment, kind: 'audio', voice: { duration, waveform } }, this.replyTo);
      this.replyTo = undefined;
      this.cell.set(IDLE);
    } catch (error) {
      if (!signal.aborted) this.cell.patch({ at: 'ready', failure: failureOf(error) });
    }
  }
}

/** Those in which something was said that has not left. */
const speaking = new Set<VoiceModel>();

/** The end of the page would take a recording along. */
export const voicesWouldBeLost = (): boolean => speaking.size > 0;

function made(files: Files, startRecorder: StartRecorder): VoiceModel {
  const model = new VoiceModel(files, startRecorder);
  model.state.subscribe(() => {
    if (['recording', 'ready', 'sending'].includes(model.state.get().at)) speaking.add(model);
    else speaking.delete(model);
  });
  return model;
}

const places = new WeakMap<object, Map<string, VoiceModel>>();

/** The one of a place to write: what was said waits there while one looks at another room. `keeper`: of the
 * device's files, which stays the same when the way to them (`files`) is another (AttachModel.ts). */
export function voiceModelOf(
  files: Files,
  keeper: object,
  place: string,
  startRecorder: StartRecorder,
): VoiceModel {
  const known = places.get(keeper) ?? new Map<string, VoiceModel>();
  places.set(keeper, known);
  const model = known.get(place) ?? made(files, startRecorder);
  known.set(place, model);
  return model;
}
