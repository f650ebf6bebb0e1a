// SPDX-License-Identifier: EUPL-1.2
// The order in which messages of a room leave. The SDK sends each as soon as it is written; here, on the way
// to the network, one waits for those written before it, and is stopped with them.

type State = 'under way' | 'cut' | 'refused';

interface Waiting {
  readonly roomId: string;
  readonly txnId: string;
  state: State;
}

export class Line {
  private waiting: Waiting[] = [];
  private readonly listeners = new Set<() => void>();

  /** At the end of its room's line, or again in its place. */
  enter(roomId: string, txnId: string): void {
    const known = this.waiting.find((one) => one.txnId === txnId);
    if (known) known.state = 'under way';
    else this.waiting.push({ roomId, txnId, state: 'under way' });
    this.changed();
  }

  /** It has arrived, or is given up. */
  leave(txnId: string | undefined): void {
    this.waiting = this.waiting.filter((one) => one.txnId !== txnId);
    this.changed();
  }

  /** cut: the network stopped it, and it comes again by itself; refused: somebody decides, and nobody waits. */
  stop(txnId: string | undefined, state: 'cut' | 'refused'): void {
    for (const one of this.waiting) if (one.txnId === txnId) one.state = state;
    this.changed();
  }

  private changed(): void {
    for (const listener of new Set(this.listeners)) listener();
  }

  private before(txnId: string): Waiting[] {
    const at = this.waiting.findIndex((one) => one.txnId === txnId);
    const mine = this.waiting[at];
    return mine ? this.waiting.slice(0, at).filter((one) => one.roomId === mine.roomId) : [];
  }

  /** Resolves when nothing before it is under way; rejects, as a network that is gone does, when something
   * before it was cut. What is in no line goes at once. */
  turn(txnId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const states = this.before(txnId).map((one) => one.state);
        if (states.includes('under way')) return;
        this.listeners.delete(look);
        if (states.includes('cut')) reject(new TypeError('an earlier message waits'));
        else resolve();
      };
      this.listeners.add(look);
      look();
    });
  }
}

type Fetch = typeof globalThis.fetch;
const SEND = /\/rooms\/[^/]+\/send\/[^/]+\/([^/]+)$/;

export const inLine =
  (send: Fetch, line: Line): Fetch =>
  async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : String(input));
    const txnId = init?.method === 'PUT' ? SEND.exec(pathname)?.[1] : undefined;
    if (txnId) await line.turn(decodeURIComponent(txnId));
    return send(input, init);
  };
