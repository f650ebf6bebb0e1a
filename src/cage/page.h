/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_PAGE_H
#define CHAPPE_CAGE_PAGE_H

/* What a page says of itself for a preview (Open Graph, its title and description), read where
 * nothing can happen: a child of this same program (`chappe read-page`) builds the walls around
 * itself (cage/walls.h), reads the page from a pipe, and answers lines of a name, a tab and a text.
 * What it answers is checked like any bytes from outside. Safe from any thread, as cage.h. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

enum page_part {
    PAGE_TITLE,
    PAGE_DESCRIPTION,
    PAGE_SITE_NAME,
    PAGE_TYPE,
    PAGE_URL,
    PAGE_IMAGE, /* as it is written: it may be relative */
    PAGE_IMAGE_ALT,
    PAGE_PARTS,
};

struct page {
    struct str parts[PAGE_PARTS]; /* STR_NONE: it does not say; UTF-8 without control characters */
};

/* "og:title" */
struct str page_part_name(enum page_part part);

/* Blocks, LIMIT_DECODE_MS at most. The texts are in the arena. -1: 400 M_UNKNOWN (the child was
 * ended, or said what cannot be: err's detail is set), or our own failure. */
int cage_read_page(struct str html, struct arena *arena, struct page *ret_page,
                   struct err *err) MUST_USE;

/* The parent's check of what a child has said; for its fuzz harness too. -1: it cannot be. */
int page_answer_parse(struct str said, struct arena *arena, struct page *ret_page) MUST_USE;

/* In the child: the page as lines. In tests and harnesses, too. */
struct buf;
void page_read(struct str html, struct buf *out);
void page_run(void) NORETURN; /* what `chappe read-page` does */

#endif
