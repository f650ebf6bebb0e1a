/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_RECEIPT_H
#define CHAPPE_STORE_RECEIPT_H

/* Receipts: one row a room, thread, user and type, overwritten. They never move backwards. */

#include "store/store.h"

enum receipt_type { RECEIPT_READ = 1, RECEIPT_READ_PRIVATE = 2 };

struct receipt {
    int64_t room, user;
    enum receipt_type type;
    struct str thread;    /* STR_NONE: unthreaded; "main"; or the root's event id */
    int64_t event, place; /* what was read up to */
    int64_t ts, pos;
};

/* Writes LOG_KIND_RECEIPT and fills pos. One that stands at that place already, or further on,
 * stays there: nothing is written, and pos is 0. */
int receipt_advance(struct write *w, struct receipt *receipt, struct err *err) MUST_USE;
/* One's own in a room, of both types. */
int receipt_list_own(struct read *r, int64_t room, int64_t user, struct arena *arena,
                     struct receipt **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
/* A room's that changed after `after` up to the head: the public ones, and `user`'s own private
 * ones. 0: all (at most LIMIT_RECEIPTS, newest first). */
int receipt_list_room(struct read *r, int64_t room, int64_t user, int64_t after,
                      struct arena *arena, struct receipt **ret_rows, size_t *ret_n,
                      struct err *err) MUST_USE;
/* The one that an entry of the log tells of: 1, 0 it has been overwritten since, -1. */
int receipt_find(struct read *r, const struct log_entry *entry, struct arena *arena,
                 struct receipt *ret_receipt, struct err *err) MUST_USE;

#endif
