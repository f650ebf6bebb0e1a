// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { InstallModel } from './InstallModel.ts';

class FakeWindow extends EventTarget {
  standalone = false;
  matchMedia() {
    return { matches: this.standalone };
  }
}

test('the browser’s offer is kept, asked once from a button, and followed', async () => {
  const page = new FakeWindow();
  const model = new InstallModel(page);
  expect(model.state.get()).toBe('none');
  await model.install();
  let prompts = 0;
  const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
    prompt: async () => {
      prompts++;
      return { outcome: 'dismissed' as const };
    },
  });
  page.dispatchEvent(offer);
  expect(offer.defaultPrevented).toBe(true);
  expect(model.state.get()).toBe('offered');
  await model.install();
  await model.install();
  expect(prompts).toBe(1);
  expect(model.state.get()).toBe('none');
  page.dispatchEvent(new Event('appinstalled'));
  expect(model.state.get()).toBe('installed');
});

test('in its own window it is installed', () => {
  const page = new FakeWindow();
  page.standalone = true;
  expect(new InstallModel(page).state.get()).toBe('installed');
});
