// SPDX-License-Identifier: EUPL-1.2
// Sound from the microphone: how loud it is while it is recorded, and afterwards its bytes and its shape.
import { Failure } from './failure.ts';
import type { Voice } from './files.ts';
import { Cell, type Live } from './live.ts';

export interface Recording extends Voice {
  readonly bytes: Blob;
}

export interface Recorder {
  /** From 0 to 1. */
  readonly level: Live<number>;
  stop(): Promise<Recording>;
  /** Nothing is kept. */
  cancel(): void;
}

/** Asks for the microphone; fails with NO_MICROPHONE where there is none, or it is refused. */
export type StartRecorder = () => Promise<Recorder>;

/** What browsers record, the best known first. */
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const SAMPLE_MS = 100;
const BARS = 60;

/** So many bars, each as loud as the loudest of its part. */
export function shapeOf(levels: readonly number[], bars = BARS): readonly number[] {
  if (levels.length <= bars) return levels;
  return Array.from({ length: bars }, (_, i) => {
    const from = Math.floor((i * levels.length) / bars);
    const to = Math.floor(((i + 1) * levels.length) / bars);
    return Math.max(...levels.slice(from, Math.max(to, from + 1)));
  });
}

class BrowserRecorder implements Recorder {
  readonly level = new Cell(0);
  private readonly stream: MediaStream;
  private readonly recorder: MediaRecorder;
  private readonly context = new AudioContext();
  private readonly parts: Blob[] = [];
  private readonly levels: number[] = [];
  private readonly begun = Date.now();
  private readonly sampling: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream) {
    this.stream = stream;
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    this.recorder.addEventListener('dataavailable', ({ data }) => this.parts.push(data));
    const analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    this.sampling = setInterval(() => {
      analyser.getByteTimeDomainData(samples);
      const level = Math.min(1, samples.reduce((most, one) => Math.max(most, Math.abs(one - 128)), 0) / 128);
      this.levels.push(level);
      this.level.set(level);
    }, SAMPLE_MS);
    this.recorder.start();
  }

  private end(): void {
    clearInterval(this.sampling);
    for (const track of this.stream.getTracks()) track.stop();
    void this.context.close();
  }

  async stop(): Promise<Recording> {
    const duration = Date.now() - this.begun;
    const ended = new Promise((resolve) => this.recorder.addEventListener('stop', resolve, { once: true }));
    this.recorder.stop();
    await ended;
    this.end();
    // Without what follows the semicolon: a type is compared as a whole.
    const type = this.recorder.mimeType.split(';')[0] ?? '';
    return { bytes: new Blob(this.parts, { type }), duration, waveform: shapeOf(this.levels) };
  }

  cancel(): void {
    this.recorder.stop();
    this.end();
  }
}

export const startRecorder: StartRecorder = async () => {
  try {
    return new BrowserRecorder(await navigator.mediaDevices.getUserMedia({ audio: true }));
  } catch {
    throw new Failure('NO_MICROPHONE');
  }
};
