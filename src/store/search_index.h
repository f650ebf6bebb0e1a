/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_SEARCH_INDEX_H
#define CHAPPE_STORE_SEARCH_INDEX_H

/* The row of an event in the index of searches, for who writes it and who checks it. */

#include "store/search.h"

/* Marks stand among the words; none is a word, as a word has no `_`. */
#define SEARCH_MARK_ROOM   "r_"
#define SEARCH_MARK_SENDER "s_"
#define SEARCH_MARK_KEY    "k_"

/* Marks and words, each once, with a blank between two; the first of them, when they are more than
 * 256 KiB. Empty: the event has no row, because it is redacted, says nothing to a search, or is of
 * a room that is encrypted. */
int search_row_make(struct arena *arena, const struct store *store, const struct event *event,
                    bool encrypted, struct str *ret_row, struct err *err) MUST_USE;
/* What the table holds at a position is that row: 1, 0, -1. An empty row: there is none. */
int search_row_is(struct db_conn *conn, int64_t pos, struct str row, struct err *err) MUST_USE;
/* The mark. */
int search_mark_load(struct db_conn *conn, int64_t *ret_pos, struct err *err) MUST_USE;

#endif
