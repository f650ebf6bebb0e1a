// SPDX-License-Identifier: EUPL-1.2
// What a test file stands on: one real server that serves the client, and one browser.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { ROOT } from '../../api/src/paths.ts';
import { Program, type ProgramOptions } from '../../api/src/program.ts';
import { openBrowser, Person, type SIZES } from './browser.ts';

export class Stage {
  private server!: Program;
  private browser!: Browser;
  private people: Person[] = [];

  async open(options: ProgramOptions): Promise<void> {
    const set = { 'web.files': `${ROOT}/build/web`, ...options.set };
    this.server = await Program.start({ engine: 'sqlite', ...options, set });
    this.browser = await openBrowser();
  }

  get program(): Program {
    return this.server;
  }

  /** localhost, and not 127.0.0.1: what people type, and a secure context all the same. */
  get url(): string {
    return this.server.url.replace('127.0.0.1', 'localhost');
  }

  async person(size?: keyof typeof SIZES): Promise<Person> {
    const person = await Person.open(this.browser, this.url, size);
    this.people.push(person);
    return person;
  }

  /** Nobody's page may have thrown, broken the policy, or asked another host for anything. */
  async close(): Promise<void> {
    const faults = this.people.flatMap((person) => person.faults);
    const strangers = this.people
      .flatMap((person) => person.asked)
      .filter((url) => !url.startsWith(`${this.url}/`) && !url.startsWith(`blob:${this.url}/`));
    await this.browser?.close();
    await this.server?.dispose();
    expect(faults).toEqual([]);
    expect(strangers).toEqual([]);
  }
}

/** Unique in a run. */
let people = 0;
export const newName = (start: string): string => `${start}${++people}`;
export const PASSWORD = 'une phrase de plusieurs mots';

/** To be called at the top of a test file. */
export function onStage(options: ProgramOptions = {}): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open(options));
  afterAll(() => stage.close());
  return stage;
}
