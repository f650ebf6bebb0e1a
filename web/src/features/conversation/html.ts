// SPDX-License-Identifier: EUPL-1.2
// HTML in and out. What others sent goes through DOMPurify with the specification's allow-list before it
// becomes part of the page; its TrustedHTML is the only HTML that the policy lets in.
import DOMPurify from 'dompurify';
import { marked } from 'marked';
import type { Mentioned } from '../../core/drafts.ts';

/** Longer texts are shown without their layout: sanitising must not freeze the page (WEB-04). */
const LONGEST = 65_536;

const TAGS = (
  'font del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table ' +
  'thead tbody tr th td caption pre span details summary'
).split(' ');
const LINK = /^(?:https?|mailto|matrix):/i;
const MENTION = 'https://matrix.to/#/@';

// The one instance: the policy lets one of its name be made.
DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A') return;
  const href = node.getAttribute('href');
  if (!href) return;
  if (href.startsWith(MENTION)) {
    node.removeAttribute('href');
    node.className = 'talk__mention';
    return;
  }
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  node.setAttribute('target', '_blank');
  node.setAttribute('title', href);
  // A text that looks like an address and is not the link's: the real one is shown.
  const text = node.textContent ?? '';
  if (/^\s*(?:https?:\/\/|www\.)/i.test(text) && hostOf(text) !== hostOf(href)) node.textContent = href;
});

function hostOf(address: string): string {
  try {
    return new URL(/^\s*www\./i.test(address) ? `https://${address.trim()}` : address.trim()).host;
  } catch {
    return '';
  }
}

/** Undefined: too long, or nothing is left; the plain text is shown instead. */
export function cleanHtml(html: string): string | undefined {
  if (html.length > LONGEST) return undefined;
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start', 'data-mx-spoiler'],
    ALLOWED_URI_REGEXP: LINK,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    FORBID_CONTENTS: ['mx-reply', 'script', 'style', 'textarea', 'title'],
    RETURN_TRUSTED_TYPE: true,
  }) as unknown as string;
  return String(clean).trim() ? clean : undefined;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A text that Markdown leaves as it is. */
const literally = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+\-.!|~:]/g, '\\$&');

/** All at once: a name may begin like another, and holds what it likes. */
function withLinks(source: string, mentions: readonly Mentioned[]): string {
  const links = new Map(
    mentions.map(({ id, name }) => [
      `@${escape(name)}`,
      `[@${literally(escape(name))}](https://matrix.to/#/${encodeURIComponent(id).replace('%40', '@')})`,
    ]),
  );
  if (links.size === 0) return source;
  const names = [...links.keys()].toSorted((a, b) => b.length - a.length);
  const any = new RegExp(names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return source.replaceAll(any, (name) => links.get(name) ?? name);
}

/** HTML of what was typed as Markdown; undefined when it has no layout at all. What looks like HTML in it
 * is text. Mentions become links to the person. */
export function layOut(text: string, mentions: readonly Mentioned[]): string | undefined {
  const html = marked.parse(withLinks(escape(text), mentions), { async: false, gfm: true, breaks: true }).trim();
  const plain = html.replace(/^<p>/, '').replace(/<\/p>$/, '');
  if (!/<(?!br)/.test(plain)) return undefined;
  return String(cleanHtmlForSending(html)).trim() || undefined;
}

const UNESCAPED: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);
const unescape = (text: string): string => text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (all) => UNESCAPED.get(all) ?? all);

/** Whom a message mentions that was laid out here. */
export function mentionsIn(html: string | undefined): Mentioned[] {
  const links = html?.matchAll(/<a href="https:\/\/matrix\.to\/#\/(@[^"<>]+)"[^<>]*>@([^<>]+)<\/a>/g) ?? [];
  return [...links].flatMap(([, id = '', name = '']) => {
    try {
      return [{ id: decodeURIComponent(id), name: unescape(name) }];
    } catch {
      return [];
    }
  });
}

function cleanHtmlForSending(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    ALLOWED_URI_REGEXP: LINK,
  });
}
