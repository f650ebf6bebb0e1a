/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_CLAIM_H
#define CHAPPE_STORE_MEDIA_CLAIM_H

/* Contents that nodes of one service have in hand, where they share the place that contents are
 * kept in: one is about to be named by a row, or is being taken away, never both. A claim has an
 * end, by the nodes' wall clocks, so that what a dead node had in hand is free again. A node has
 * one claim of a content, and is never refused for its own: it sees to itself in memory. */

#include "crypto/hash.h"
#include "store/store.h"

/* The node is about to name the content, until until_ms: no node takes it away. Again and again.
 * -1: 503 while one is taking it away. */
int media_claim_take(struct write *w, struct str content, int64_t node, int64_t until_ms,
                     struct err *err) MUST_USE;

/* The node takes the content away, until until_ms: *ret_ours true. False, and nothing is done: a
 * row names it, or another node has it in hand. */
int media_claim_take_away(struct write *w, struct str content, int64_t node, int64_t until_ms,
                          bool *ret_ours, struct err *err) MUST_USE;

/* The node has it in hand no longer, either way. */
int media_claim_drop(struct write *w, struct str content, int64_t node, struct err *err) MUST_USE;

/* Claims that are over go. */
int media_claim_expire(struct write *w, int64_t now_ms, struct err *err) MUST_USE;

#endif
