/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_PAGE_H
#define CHAPPE_API_PAGE_H

/* The few HTML pages that the server itself has, for people: French first, then English. They load
 * nothing; the policy lets in one style and one script, named by a number drawn for each answer
 * (CSP nonce), which speaks to this server alone. Routes of pages carry API_PAGE. */

#include "api/api.h"

struct page {
    struct buf *out;
    struct str nonce;
};

/* Headers, and the page up to its first heading. title is plain text in French. */
void page_begin(struct request *rq, struct str title, struct page *ret_page);
/* The same for a page in one language, "fr" or "en". */
void page_begin_in(struct request *rq, const char *language, struct str title,
                   struct page *ret_page);
/* HTML of ours, as it is. */
void page_html(struct page *page, const char *html);
/* Any text, escaped for an element's text or an attribute in quotes. */
void page_text(struct page *page, struct str text);
/* A hidden field of a form. */
void page_hidden(struct page *page, const char *name, struct str value);
/* The page's one script; ours. */
void page_script(struct page *page, const char *script);
void page_end(struct page *page);

#endif
