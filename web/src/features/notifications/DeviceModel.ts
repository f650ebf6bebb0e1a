// SPDX-License-Identifier: EUPL-1.2
// Notifications on this device: switched on and off, and tried from end to end.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live, until } from '../../core/live.ts';
import type { NoticeChoices } from '../../core/notice-choices.ts';
import type { Notices } from '../../core/notices.ts';
import type { PageWorker } from '../../core/page-worker.ts';
import type { Outcome, PushAddress, PushServer } from '../../core/push.ts';
import type { Subscriptions } from '../../core/subscriptions.ts';

/** Between a message and a notification of it while the page is closed, in this order. */
export const LINKS = ['permission', 'worker', 'offer', 'subscription', 'server', 'delivery'] as const;
export type Link = (typeof LINKS)[number];

export interface TestState {
  readonly at: 'idle' | 'running' | 'passed' | 'failed';
  /** Links that hold. */
  readonly held: readonly Link[];
  /** The first that does not. */
  readonly faulty: Link | undefined;
  /** Of the link "server": what the server saw. */
  readonly outcome: Outcome | undefined;
  readonly failure: Failure | undefined;
}

/** closed: one is told also while the page is closed. open: only while it is open; and why, where that is
 * not the server's choice, a test says. */
export type Reach = 'unknown' | 'open' | 'closed';

interface Parts {
  readonly notices: Notices;
  readonly choices: NoticeChoices;
  readonly worker: Pick<PageWorker, 'state' | 'onMessage'>;
  readonly push: PushServer;
  readonly subscriptions: Subscriptions;
  readonly language: () => 'fr' | 'en';
  readonly newText: () => string;
}

/** How long a test is waited for once the push service has it. */
const DELIVERY_MS = 30_000;
const IDLE: TestState = { at: 'idle', held: [], faulty: undefined, outcome: undefined, failure: undefined };

class Faulty extends Error {
  readonly state: Partial<TestState>;
  constructor(state: Partial<TestState>) {
    super('a link does not hold');
    this.state = state;
  }
}

export class DeviceModel {
  private readonly parts: Parts;
  private readonly testing = new Cell<TestState>(IDLE);
  private readonly reaching = new Cell<Reach>('unknown');

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get test(): Live<TestState> {
    return this.testing;
  }

  get reach(): Live<Reach> {
    return this.reaching;
  }

  /** At each visit: the server may have another key, or have dropped what it could not reach. */
  async begin(): Promise<void> {
    await this.parts.choices.load();
    if (this.parts.choices.choice.get().on) await this.connect().catch(() => this.reaching.set('open'));
  }

  /** From what the person has pressed. False: the browser does not allow it. */
  async turnOn(): Promise<boolean> {
    if ((await this.parts.notices.ask()) !== 'granted') return false;
    await this.parts.choices.set({ on: true });
    // One is told while the page is open, whatever becomes of this.
    await this.connect().catch(() => this.reaching.set('open'));
    return true;
  }

  async turnOff(): Promise<void> {
    await this.parts.choices.set({ on: false });
    await this.disconnect();
  }

  /** Before signing out, and when it is turned off. Never fails. */
  async disconnect(): Promise<void> {
    const address = await this.parts.subscriptions.get().catch(() => undefined);
    this.reaching.set('unknown');
    await this.parts.subscriptions.drop();
    if (address) await this.parts.push.forget(address.p256dh).catch(() => {});
  }

  private async connect(): Promise<void> {
    const key = await this.parts.push.publicKey();
    if (key === undefined) return this.reaching.set('open');
    const address = await this.parts.subscriptions.make(key);
    await this.parts.push.register(address, this.parts.language());
    this.reaching.set('closed');
  }

  /** Walks along the links and stops at the first that does not hold. */
  async runTest(): Promise<void> {
    if (this.testing.get().at === 'running') return;
    this.testing.set({ ...IDLE, at: 'running' });
    try {
      await this.walk();
      this.testing.patch({ at: 'passed' });
    } catch (error) {
      const state = error instanceof Faulty ? error.state : { failure: failureOf(error) };
      this.testing.patch({ at: 'failed', faulty: LINKS[this.testing.get().held.length], ...state });
    }
  }

  private holds(link: Link): void {
    this.testing.patch({ held: [...this.testing.get().held, link] });
  }

  private async walk(): Promise<void> {
    const { notices, worker, push, subscriptions, language } = this.parts;
    if ((await notices.ask()) !== 'granted') throw new Faulty({});
    this.holds('permission');
    // At the beginning of a visit it comes after what is on the screen.
    const { at } = await until(worker.state, (state) => state.at !== 'starting');
    if (at !== 'ready') throw new Faulty({});
    this.holds('worker');
    const key = await push.publicKey();
    if (key === undefined) throw new Faulty({});
    this.holds('offer');
    const address = await subscriptions.make(key).catch(() => undefined);
    if (!address) throw new Faulty({});
    this.holds('subscription');
    await push.register(address, language());
    await this.parts.choices.set({ on: true });
    this.reaching.set('closed');
    await this.deliver(address);
  }

  private async deliver(address: PushAddress): Promise<void> {
    const text = this.parts.newText();
    const arrived = this.arrival(text);
    const outcome = await this.parts.push.test(address.p256dh, text);
    if (outcome !== 'accepted') throw new Faulty({ outcome });
    this.holds('server');
    if (!(await arrived)) throw new Faulty({});
    this.holds('delivery');
  }

  /** Listens from before it is sent. */
  private arrival(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.parts.worker.onMessage((message) => {
        if (message.kind === 'pushed' && message.test === text) end(true);
      });
      const timer = setTimeout(() => end(false), DELIVERY_MS);
      const end = (arrived: boolean) => {
        clearTimeout(timer);
        stop();
        resolve(arrived);
      };
    });
  }
}
