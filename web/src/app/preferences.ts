// SPDX-License-Identifier: EUPL-1.2
// Appearance, size of the text and language, kept in the clear on this device: they must be known before the first paint,
// and say nothing of anyone.
import { Cell, type Live } from '../core/live.ts';
import { type Shortcut, SHORTCUTS } from '../features/keyboard/shortcuts.ts';
import { type Language, preferredLanguage } from '../i18n/text.ts';

export const LOOKS = ['system', 'light', 'dark', 'contrast'] as const;
export type Look = (typeof LOOKS)[number];
export const SIZES = ['normal', 'large', 'larger'] as const;
export type Size = (typeof SIZES)[number];

interface Choices {
  readonly look: Look;
  readonly size: Size;
  readonly language: Language;
  /** Keys that are switched off. */
  readonly off: readonly Shortcut[];
}

/** What of Storage is used; a browser may refuse it altogether. */
export type Keeping = Pick<Storage, 'getItem' | 'setItem'>;

const isLook = (value: unknown): value is Look => LOOKS.some((look) => look === value);
const isSize = (value: unknown): value is Size => SIZES.some((size) => size === value);

export class Preferences {
  private readonly cell: Cell<Choices>;
  private readonly keeping: Keeping;

  constructor(keeping: Keeping, languages: readonly string[]) {
    this.keeping = keeping;
    const look = this.read('look');
    const size = this.read('size');
    const language = this.read('language');
    this.cell = new Cell<Choices>({
      look: isLook(look) ? look : 'system',
      size: isSize(size) ? size : 'normal',
      off: SHORTCUTS.filter((shortcut) => (this.read('off') ?? '').split(',').includes(shortcut)),
      language: language === 'fr' || language === 'en' ? language : preferredLanguage(languages),
    });
  }

  get choices(): Live<Choices> {
    return this.cell;
  }

  setLook(look: Look): void {
    this.cell.patch({ look });
    this.write('look', look);
  }

  setSize(size: Size): void {
    this.cell.patch({ size });
    this.write('size', size);
  }

  setOff(off: readonly Shortcut[]): void {
    this.cell.patch({ off });
    this.write('off', off.join(','));
  }

  setLanguage(language: Language): void {
    this.cell.patch({ language });
    this.write('language', language);
  }

  private read(name: string): string | null {
    try {
      return this.keeping.getItem(`chappe.${name}`);
    } catch {
      return null;
    }
  }

  private write(name: string, value: string): void {
    try {
      this.keeping.setItem(`chappe.${name}`, value);
    } catch {
      // It lasts until the page is closed, then.
    }
  }
}
