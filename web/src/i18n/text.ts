// SPDX-License-Identifier: EUPL-1.2
// The words of the screens, by key. {name} in a text is filled in; a text with "one" and "other" chooses
// by the number {count} and the rules of the language (Intl.PluralRules).
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

export type Plural = { readonly one: string; readonly other: string };
export type Key = keyof typeof fr;
/** The same texts in another language. */
export type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Plural };
export type Catalogue = Words<typeof fr>;
export type Language = 'fr' | 'en';
export type Values = Readonly<Record<string, string | number>>;

const CATALOGUES: Record<Language, Catalogue> = { fr, en };
const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

/** The words of one language. */
export class Text {
  readonly language: Language;
  private readonly locale: string;
  private readonly plural: Intl.PluralRules;
  private readonly formats = new Map<string, Intl.DateTimeFormat>();

  constructor(language: Language) {
    this.language = language;
    this.locale = LOCALES[language];
    this.plural = new Intl.PluralRules(this.locale);
  }

  readonly t = (key: Key, values: Values = {}): string => {
    const entry: string | Plural = CATALOGUES[this.language][key];
    const text =
      typeof entry === 'string'
        ? entry
        : entry[this.plural.select(Number(values.count ?? 0)) === 'one' ? 'one' : 'other'];
    return this.set(text).replace(/\{(\w+)\}/g, (_, name: string) => this.show(values[name] ?? ''));
  };

  /** French signs are not parted from what they belong to at the end of a line. */
  private set(text: string): string {
    return this.language === 'fr'
      ? text
          .replaceAll('« ', '«\u00A0')
          .replaceAll(/ (»|:)/g, '\u00A0$1')
          .replaceAll(/ ([;?!])/g, '\u202F$1')
      : text;
  }

  has(key: string): key is Key {
    return key in fr;
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
