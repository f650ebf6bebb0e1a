// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import type { Attachment, Files, NewFile, UploadOptions, Verdict } from '../files.ts';

export function fakeAttachment(part: Partial<Attachment> = {}): Attachment {
  return {
    kind: 'file',
    name: 'note.txt',
    description: undefined,
    type: 'text/plain',
    size: 4,
    width: undefined,
    height: undefined,
    source: { url: 'mxc://example.org/note', sealed: undefined },
    thumbnail: undefined,
    ...part,
  };
}

export class FakeFiles implements Files {
  /** What is said, one after the other; the last one for ever. */
  verdicts: Verdict[] = [{ state: 'clean', cause: undefined }];
  failing: Failure | undefined;
  largest: number | undefined = 1000;
  asked = 0;
  readonly uploads: { file: NewFile; options: UploadOptions; finish: () => void }[] = [];

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  async limit(): Promise<number | undefined> {
    this.check();
    return this.largest;
  }

  /** On its way until `finish` is called. */
  upload(file: NewFile, options: UploadOptions): Promise<Attachment> {
    return new Promise((resolve, reject) => {
      const { name, description, bytes } = file;
      const finish = () => {
        if (this.failing) {
          const { failing } = this;
          this.failing = undefined;
          reject(failing);
        } else resolve(fakeAttachment({ name, description, size: bytes.size }));
      };
      options.signal.addEventListener('abort', () => reject(new Failure('ABORTED')));
      this.uploads.push({ file, options, finish });
    });
  }

  readonly published: Blob[] = [];

  async publish(picture: Blob): Promise<string> {
    this.check();
    this.published.push(picture);
    return `mxc://example.org/picture${this.published.length}`;
  }

  async picture(): Promise<Blob | undefined> {
    return undefined;
  }

  async look(): Promise<Verdict> {
    this.asked++;
    const next = this.verdicts[0];
    if (this.verdicts.length > 1) this.verdicts.shift();
    return next ?? { state: 'unreachable', cause: undefined };
  }

  async read(): Promise<Uint8Array<ArrayBuffer>> {
    this.check();
    return new Uint8Array([1, 2, 3, 4]);
  }
}
