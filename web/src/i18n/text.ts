// SPDX-License-Identifier: EUPL-1.2
// The words of the screens, by key. {name} in a text is filled in; a text with "one" and "other" chooses
// by the number {count} and the rules of the language (Intl.PluralRules).
import type { first } from './fr/first.ts';
import type { fr } from './fr/index.ts';

export type Plural = { readonly one: string; readonly other: string };
export type Key = keyof typeof fr;
/** Of those that are there before one is in. */
export type FirstKey = keyof typeof first;
/** The same texts in another language. */
export type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Plural };
export type Catalogue<K extends Key = Key> = Words<Pick<typeof fr, K>>;
export type Language = 'fr' | 'en';
export type Values = Readonly<Record<string, string | number>>;

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

/** Words of one language. */
export class Text<K extends Key = Key> {
  readonly language: Language;
  private readonly words: ReadonlyMap<string, string | Plural>;
  private readonly locale: string;
  private readonly plural: Intl.PluralRules;
  private readonly formats = new Map<string, Intl.DateTimeFormat>();

  constructor(language: Language, words: Readonly<Record<K, string | Plural>>) {
    this.language = language;
    this.words = new Map(Object.entries(words));
    this.locale = LOCALES[language];
    this.plural = new Intl.PluralRules(this.locale);
  }

  readonly t = (key: K, values: Values = {}): string => this.find(key, values) ?? key;

  /** Undefined: there are no words for it. */
  find(key: string, values: Values = {}): string | undefined {
    const entry = this.words.get(key);
    if (entry === undefined) return undefined;
    const text =
      typeof entry === 'string'
        ? entry
        : entry[this.plural.select(Number(values.count ?? 0)) === 'one' ? 'one' : 'other'];
    return this.set(text).replace(/\{(\w+)\}/g, (_, name: string) => this.show(values[name] ?? ''));
  }

  /** French signs are not parted from what they belong to at the end of a line. */
  private set(text: string): string {
    return this.language === 'fr'
      ? text
          .replaceAll('« ', '«\u00A0')
          .replaceAll(/ (»|:)/g, '\u00A0$1')
          .replaceAll(/ ([;?!])/g, '\u202F$1')
      : text;
  }

  private show(value: string | number): string {
    return typeof value === 'number' ? new Intl.NumberFormat(this.locale).format(value) : value;
  }

  private format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const name = JSON.stringify(options);
    let format = this.formats.get(name);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, options);
      this.formats.set(name, format);
    }
    return format;
  }

  time(at: number): string {
    return this.format({ hour: '2-digit', minute: '2-digit' }).format(at);
  }

  day(at: number): string {
    return this.format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  }

  shortDay(at: number): string {
    return this.format({ day: '2-digit', month: '2-digit', year: '2-digit' }).format(at);
  }

  moment(at: number): string {
    return this.format({ dateStyle: 'long', timeStyle: 'short' }).format(at);
  }

  list(words: readonly string[]): string {
    return new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(words);
  }
}

export function preferredLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    if (language.startsWith('fr')) return 'fr';
    if (language.startsWith('en')) return 'en';
  }
  return 'fr';
}
