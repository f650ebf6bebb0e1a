// SPDX-License-Identifier: EUPL-1.2
// Debian's Firefox ESR, headless, driven by WebDriver BiDi: Playwright needs a Firefox of its own making.
import type { Browser, BrowserContext, ElementHandle, Page } from 'puppeteer-core';
import { launch } from 'puppeteer-core';

/** A limit only ends what hangs. */
const WAIT = { timeout: 90_000 };

export const openFirefox = (): Promise<Browser> =>
  launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: { 'intl.accept_languages': 'fr-FR, fr', 'dom.push.connection.enabled': false },
    protocolTimeout: 120_000,
  });

/** One person's browser, and what one does in it: by names that are read out, as in Chromium. */
export class Visitor {
  readonly page: Page;
  readonly faults: string[] = [];
  private readonly context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content-Security-Policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  static async open(browser: Browser): Promise<Visitor> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    return new Visitor(context, page);
  }

  private find(role: string, name: string): Promise<ElementHandle> {
    return this.page
      .locator(`::-p-aria([role="${role}"][name="${name}"])`)
      .setTimeout(WAIT.timeout)
      .waitHandle() as Promise<ElementHandle>;
  }

  async press(name: string, role: 'button' | 'menuitem' = 'button'): Promise<void> {
    await this.page.locator(`::-p-aria([role="${role}"][name="${name}"])`).setTimeout(WAIT.timeout).click();
  }

  /** A link, by where it leads. */
  async follow(href: string): Promise<void> {
    await this.page.locator(`a[href="${href}"]`).setTimeout(WAIT.timeout).click();
  }

  /** What starts with those words. */
  async pressText(text: string): Promise<void> {
    await this.page.locator(`::-p-text(${text})`).setTimeout(WAIT.timeout).click();
  }

  async type(name: string, text: string, role: 'textbox' | 'searchbox' = 'textbox'): Promise<void> {
    const box = await this.find(role, name);
    await box.focus();
    await this.page.keyboard.type(text);
  }

  /** A field of a password has no role of its own. */
  async typePassword(text: string): Promise<void> {
    await this.page.waitForSelector('input[type=password]', WAIT);
    await this.page.focus('input[type=password]');
    await this.page.keyboard.type(text);
  }

  async sees(text: string): Promise<void> {
    await this.page.waitForSelector(`::-p-text(${text})`, { ...WAIT, visible: true });
  }

  /** Into the field of that kind, though it is not shown. */
  async give(path: string): Promise<void> {
    const input = await this.page.waitForSelector('input[type=file]', WAIT);
    await (input as ElementHandle<HTMLInputElement> | null)?.uploadFile(path);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
