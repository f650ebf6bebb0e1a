// SPDX-License-Identifier: EUPL-1.2
// Debian's Chromium, headless, with a new empty profile; and pages that watch over themselves.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** What every camera of the browser sees: read when a camera is opened, so it may be written until then. */
export const CAMERA = join(tmpdir(), `chappe-camera-${randomUUID()}.y4m`);

const FLAGS = [
  '--no-sandbox', // tests may run as root
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--use-fake-device-for-media-stream', // a microphone that beeps
  `--use-file-for-fake-video-capture=${CAMERA}`,
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });

export const SIZES = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 820, height: 1180 },
  phone: { width: 390, height: 844 },
} as const;

/** One person's browser: a profile of its own. What goes wrong in its pages is kept in `faults`. */
export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly faults: string[];
  /** Every address asked for. */
  readonly asked: string[];

  private constructor(context: BrowserContext, page: Page, faults: string[], asked: string[]) {
    this.context = context;
    this.page = page;
    this.faults = faults;
    this.asked = asked;
  }

  static async open(browser: Browser, url: string, size: keyof typeof SIZES = 'desktop'): Promise<Person> {
    const context = await browser.newContext({
      baseURL: url,
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      viewport: SIZES[size],
      permissions: ['clipboard-read', 'clipboard-write', 'microphone'],
    });
    // A limit only ends what hangs: two browsers on two cores are slow.
    context.setDefaultTimeout(60_000);
    const faults: string[] = [];
    const asked: string[] = [];
    // Told before any script of the page: violations of the policy have an event and no other trace.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    context.on('request', (request) => asked.push(request.url()));
    context.on('weberror', (error) => faults.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error' && message.text().startsWith('policy:')) faults.push(message.text());
    });
    return new Person(context, await context.newPage(), faults, asked);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
