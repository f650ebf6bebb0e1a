// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { PageWorker } from './page-worker.ts';

class FakeWorker extends EventTarget {
  readonly told: unknown[] = [];
  postMessage(message: unknown) {
    this.told.push(message);
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = new FakeWorker();
  async update() {}
}

class FakeContainer extends EventTarget {
  controller: object | null = null;
  readonly registration = new FakeRegistration();
  refuses = false;
  get ready() {
    return Promise.resolve(this.registration);
  }
  startMessages() {}
  async register() {
    if (this.refuses) throw new DOMException('private window', 'SecurityError');
    return this.registration;
  }
  takeOver() {
    this.controller = {};
    this.dispatchEvent(new Event('controllerchange'));
  }
}

function world() {
  const container = new FakeContainer();
  let reloads = 0;
  const worker = new PageWorker({
    container: container as unknown as ServiceWorkerContainer,
    reload: () => reloads++,
  });
  return { container, worker, reloads: () => reloads };
}

/** A new version has been fetched and waits. */
function bringUpdate({ registration }: FakeContainer): FakeWorker {
  const next = new FakeWorker();
  registration.installing = next;
  registration.dispatchEvent(new Event('updatefound'));
  registration.waiting = next;
  registration.installing = null;
  next.dispatchEvent(new Event('statechange'));
  return next;
}

test('a new version is told, and applied when the person says so: then the page is loaded anew, once', async () => {
  const { container, worker, reloads } = world();
  await worker.begin();
  container.takeOver();
  expect(worker.state.get()).toEqual({ at: 'ready', update: false });
  expect(worker.isOld).toBe(false);
  const next = bringUpdate(container);
  expect(worker.state.get().update).toBe(true);
  expect(reloads()).toBe(0);
  worker.applyUpdate();
  expect(next.told).toEqual([{ kind: 'update' }]);
  expect(reloads()).toBe(0);
  container.takeOver();
  expect(reloads()).toBe(1);
});

test('[UX-19] a tab that did not ask for the new version stays as it is, and knows that it is old', async () => {
  const { container, worker, reloads } = world();
  await worker.begin();
  container.takeOver();
  expect(worker.isOld).toBe(false);
  container.takeOver();
  expect(reloads()).toBe(0);
  expect(worker.isOld).toBe(true);
});

test('the first version of all is not an update', async () => {
  const { container, worker } = world();
  container.registration.active = null;
  await worker.begin();
  bringUpdate(container);
  expect(worker.state.get().update).toBe(false);
});

test('without service workers, or where the browser refuses them, all else goes on', async () => {
  const without = new PageWorker({ container: undefined, reload: () => {} });
  await without.begin();
  expect(without.state.get().at).toBe('none');
  const { container, worker } = world();
  container.refuses = true;
  await worker.begin();
  expect(worker.state.get()).toEqual({ at: 'none', update: false });
  worker.applyUpdate();
  worker.setLanguage('en');
});
