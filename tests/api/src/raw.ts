// SPDX-License-Identifier: EUPL-1.2
// Bytes on a socket, for what no well-behaved HTTP client would send.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface RawResult {
  answers: RawAnswer[];
  closed: boolean; // by the server
  bytes: number;
}

/** Takes one complete answer from the front of the bytes received; undefined while it is incomplete. */
function takeAnswer(data: Buffer, headOnly: boolean): { answer: RawAnswer; rest: Buffer } | undefined {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine, ...lines] = data.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  let at = end + 4;
  if (status < 200 || status === 204 || status === 304 || headOnly) {
    return { answer: { status, headers, body: '' }, rest: data.subarray(at) };
  }
  if (headers['transfer-encoding'] === 'chunked') {
    let body = '';
    for (;;) {
      const eol = data.indexOf('\r\n', at);
      if (eol < 0) return undefined;
      const size = Number.parseInt(data.subarray(at, eol).toString('latin1'), 16);
      if (data.length < eol + 2 + size + 2) return undefined;
      body += data.subarray(eol + 2, eol + 2 + size).toString('utf8');
      at = eol + 2 + size + 2;
      if (size === 0) return { answer: { status, headers, body }, rest: data.subarray(at) };
    }
  }
  const length = Number(headers['content-length'] ?? 0);
  if (data.length < at + length) return undefined;
  return {
    answer: { status, headers, body: data.subarray(at, at + length).toString('utf8') },
    rest: data.subarray(at + length),
  };
}

export class RawConnection {
  private readonly socket: Socket;
  private pending = Buffer.alloc(0);
  private readonly answers: RawAnswer[] = [];
  private closed = false;
  private bytes = 0;
  private wake: () => void = () => {};
  private readonly headOnly: boolean;

  private constructor(socket: Socket, headOnly: boolean) {
    this.socket = socket;
    this.headOnly = headOnly;
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.pending = Buffer.concat([this.pending, chunk]);
      for (;;) {
        const taken = takeAnswer(this.pending, this.headOnly);
        if (!taken) break;
        this.pending = Buffer.from(taken.rest);
        this.answers.push(taken.answer);
      }
      this.wake();
    });
    const ended = () => {
      this.closed = true;
      this.wake();
    };
    socket.on('end', ended).on('close', ended).on('error', ended);
  }

  static open(port: number, headOnly = false): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(new RawConnection(socket, headOnly)));
      socket.once('error', reject);
    });
  }

  write(bytes: string | Uint8Array): void {
    if (!this.closed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  private async until(done: () => boolean): Promise<void> {
    while (!done()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.wake = resolve;
      await promise;
    }
  }

  /** Waits for that many final answers, or for the end of the connection. */
  async receive(count: number): Promise<RawResult> {
    await this.until(() => this.closed || this.answers.filter((a) => a.status >= 200).length >= count);
    return this.result();
  }

  /** Waits until the server closes. */
  async receiveEnd(): Promise<RawResult> {
    await this.until(() => this.closed);
    return this.result();
  }

  result(): RawResult {
    return { answers: [...this.answers], closed: this.closed, bytes: this.bytes };
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Sends bytes on a new connection and waits for so many answers (or the end). */
export async function exchange(port: number, bytes: string | Uint8Array, count = 1): Promise<RawResult> {
  const connection = await RawConnection.open(port);
  connection.write(bytes);
  try {
    return await connection.receive(count);
  } finally {
    connection.close();
  }
}

/** Sends bytes and waits until the server closes the connection. */
export async function exchangeToEnd(port: number, bytes: string | Uint8Array): Promise<RawResult> {
  const connection = await RawConnection.open(port);
  connection.write(bytes);
  try {
    return await connection.receiveEnd();
  } finally {
    connection.close();
  }
}
