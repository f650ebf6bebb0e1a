// SPDX-License-Identifier: EUPL-1.2
// All symbols with their names in the language of the screen, from a file of our own server.
import enAddress from 'emojibase-data/en/compact.json?url';
import frAddress from 'emojibase-data/fr/compact.json?url';
import { Failure, failureOfFetch } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import { fold } from '../../core/fold.ts';
import type { Language } from '../../i18n/text.ts';

export interface Emoji {
  readonly symbol: string;
  readonly name: string;
  /** What is searched: the name and the other words for it, folded. */
  readonly words: string;
}

export interface EmojiState {
  readonly search: string;
  /** Undefined until the file has come. */
  readonly shown: readonly Emoji[] | undefined;
  readonly failure: Failure | undefined;
}

/** As the file has them. */
interface Entry {
  unicode: string;
  label: string;
  group?: number;
  tags?: string[];
}

/** Buttons drawn at once; the search finds the others. */
export const SHOWN = 160;
const ADDRESSES: Record<Language, string> = { fr: frAddress, en: enAddress };

/** Those of a group; the others are parts of letters and flags. */
export const emojiOf = (entries: readonly Entry[]): readonly Emoji[] =>
  entries
    .filter((entry) => entry.group !== undefined && entry.group !== 2)
    .map(({ unicode, label, tags }) => ({
      symbol: unicode,
      name: label,
      words: fold([label, ...(tags ?? [])].join(' ')),
    }));

async function fetchEntries(language: Language): Promise<readonly Entry[]> {
  const response = await fetch(ADDRESSES[language]);
  if (!response.ok) throw new Failure('RUBBISH', response.status);
  return (await response.json()) as Entry[];
}

export class EmojiModel {
  private readonly fetchEntries: (language: Language) => Promise<readonly Entry[]>;
  private readonly cell = new Cell<EmojiState>({ search: '', shown: undefined, failure: undefined });
  private all: readonly Emoji[] | undefined;

  constructor(fetchThem = fetchEntries) {
    this.fetchEntries = fetchThem;
  }

  get state(): Live<EmojiState> {
    return this.cell;
  }

  async load(language: Language): Promise<void> {
    this.cell.patch({ failure: undefined });
    try {
      this.all = emojiOf(await this.fetchEntries(language));
      this.find();
    } catch (error) {
      this.cell.patch({ failure: failureOfFetch(error) });
    }
  }

  setSearch(search: string): void {
    this.cell.patch({ search });
    this.find();
  }

  private find(): void {
    const words = fold(this.cell.get().search).split(/\s+/).filter(Boolean);
    const shown = this.all?.filter((emoji) => words.every((word) => emoji.words.includes(word)));
    this.cell.patch({ shown: shown?.slice(0, SHOWN) });
  }
}
