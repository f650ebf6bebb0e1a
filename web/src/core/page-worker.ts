// SPDX-License-Identifier: EUPL-1.2
// The page's side of its service worker: registered once one is in, told of new versions, asked to apply
// one only when the person says so.
import type { NoticeData, ToPage, ToWorker } from '../sw/messages.ts';
import type { QuietHours } from '../sw/quiet.ts';
import { Cell, type Live } from './live.ts';
import { scriptUrl } from './scripts.ts';

/** Between two looks for a new version: a page may stay open for weeks. */
const LOOK_MS = 60 * 60 * 1000;

export interface WorkerState {
  /** none: this browser has none, or refuses it here (a private window). */
  readonly at: 'starting' | 'ready' | 'none';
  /** A new version waits. */
  readonly update: boolean;
}

interface Parts {
  readonly container: ServiceWorkerContainer | undefined;
  /** A new page, in this tab. */
  readonly reload: () => void;
}

export class PageWorker {
  private readonly parts: Parts;
  private readonly cell = new Cell<WorkerState>({ at: 'starting', update: false });
  private readonly listeners = new Set<(message: ToPage) => void>();
  private begun = false;
  private applying = false;
  private replaced = false;
  private registered: ServiceWorkerRegistration | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
    if (parts.container) this.listen(parts.container);
  }

  get state(): Live<WorkerState> {
    return this.cell;
  }

  get registration(): ServiceWorkerRegistration | undefined {
    return this.registered;
  }

  /** Also before this page has begun with it: an earlier one may have left it. Never fails. */
  async find(): Promise<ServiceWorkerRegistration | undefined> {
    return this.registered ?? (await this.parts.container?.getRegistration().catch(() => undefined));
  }

  /** This page is of an earlier version than the worker that answers it: another tab has applied one. */
  get isOld(): boolean {
    return this.replaced;
  }

  /** Never fails: without a worker the client does all but open without a network. */
  async begin(): Promise<void> {
    const { container } = this.parts;
    if (this.begun) return;
    this.begun = true;
    if (!container) return this.cell.patch({ at: 'none' });
    try {
      const registration = await container.register(scriptUrl('/sw.js'), {
        scope: '/',
        updateViaCache: 'none',
      });
      container.startMessages();
      this.watch(registration);
      this.registered = await container.ready;
      this.cell.patch({ at: 'ready' });
    } catch {
      this.cell.patch({ at: 'none' });
    }
    return undefined;
  }

  private listen(container: ServiceWorkerContainer): void {
    // The first worker of all takes the page that made it: nothing of the page is older than it.
    let controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      this.replaced = controlled;
      controlled = true;
      if (this.applying) this.parts.reload();
    });
    container.addEventListener('message', ({ data }) => {
      for (const listener of this.listeners) listener(data as ToPage);
    });
  }

  private watch(registration: ServiceWorkerRegistration): void {
    const look = () =>
      this.cell.patch({ update: registration.waiting !== null && registration.active !== null });
    const follow = () => registration.installing?.addEventListener('statechange', look);
    registration.addEventListener('updatefound', follow);
    follow();
    look();
    setInterval(() => void registration.update().catch(() => {}), LOOK_MS);
  }

  /** The new version takes over, and this page is loaded anew with it. */
  applyUpdate(): void {
    const waiting = this.registered?.waiting;
    if (!waiting) return;
    this.applying = true;
    waiting.postMessage({ kind: 'update' } satisfies ToWorker);
  }

  setLanguage(language: 'fr' | 'en'): void {
    this.registered?.active?.postMessage({ kind: 'language', language } satisfies ToWorker);
  }

  setQuiet(quiet: QuietHours): void {
    this.registered?.active?.postMessage({ kind: 'quiet', quiet } satisfies ToWorker);
  }

  onMessage(listener: (message: ToPage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** What a notification of ours carries, whatever stands there. */
export const noticeData = (notification: Pick<Notification, 'data'>): Partial<NoticeData> =>
  (notification.data ?? {}) as Partial<NoticeData>;
