// SPDX-License-Identifier: EUPL-1.2
// Words by language: those of the first screen are there with it, all of them once they are asked for.
import { first as en } from './en/first.ts';
import { first as fr } from './fr/first.ts';
import { type Catalogue, type FirstKey, type Language, Text } from './text.ts';

const FIRST: Record<Language, Catalogue<FirstKey>> = { fr, en };
const LOADERS: Record<Language, () => Promise<Catalogue>> = {
  fr: () => import('./fr/index.ts').then((module) => module.fr),
  en: () => import('./en/index.ts').then((module) => module.en),
};

export class Texts {
  private readonly loaded = new Map<Language, Promise<Text>>();

  first(language: Language): Text<FirstKey> {
    return new Text<FirstKey>(language, FIRST[language]);
  }

  /** The same promise each time, so that it can be drawn with; one that has failed is asked for again. */
  all(language: Language): Promise<Text> {
    const before = this.loaded.get(language);
    if (before) return before;
    const loading = LOADERS[language]().then((words) => new Text(language, words));
    this.loaded.set(language, loading);
    loading.catch(() => this.loaded.delete(language));
    return loading;
  }
}
