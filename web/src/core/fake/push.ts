// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import type { Outcome, PushAddress, PushServer } from '../push.ts';
import type { Subscriptions } from '../subscriptions.ts';

export class FakePush implements PushServer {
  key: string | undefined = 'BNbX';
  readonly known = new Map<string, PushAddress>();
  outcome: Outcome = 'accepted';
  failing: Failure | undefined;
  /** Told what a test carries, once it has left. */
  onTest: (text: string) => void = () => {};

  async publicKey(): Promise<string | undefined> {
    if (this.failing) throw this.failing;
    return this.key;
  }

  async register(address: PushAddress): Promise<void> {
    if (this.failing) throw this.failing;
    this.known.set(address.p256dh, address);
  }

  async forget(p256dh: string): Promise<void> {
    this.known.delete(p256dh);
  }

  async test(p256dh: string, text: string): Promise<Outcome> {
    if (!this.known.has(p256dh)) throw new Failure('M_NOT_FOUND', 404);
    if (this.outcome === 'accepted') this.onTest(text);
    return this.outcome;
  }
}

export class FakeSubscriptions implements Subscriptions {
  current: PushAddress | undefined;
  refuses = false;
  made = 0;

  async get(): Promise<PushAddress | undefined> {
    return this.current;
  }

  async make(): Promise<PushAddress> {
    if (this.refuses) throw new Failure('PUSH_REFUSED');
    this.current ??= { endpoint: 'https://push.example/1', p256dh: `p${++this.made}`, auth: 'a' };
    return this.current;
  }

  async drop(): Promise<void> {
    this.current = undefined;
  }
}
