/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_HOLD_H
#define CHAPPE_STORE_HOLD_H

/* Legal holds (docs/design/retention.md): rooms, and accounts with all rooms they were ever members
 * of or invited to, of which nothing is purged. There are few. No row takes a position of the log.
 */

#include "store/store.h"

struct hold {
    int64_t target; /* the name of a room id or of a user id */
    int64_t since_ms;
    struct str reason; /* the operator's words; empty: none */
};

/* 409 M_UNKNOWN when that is held already. */
int hold_insert(struct write *w, const struct hold *hold, struct err *err) MUST_USE;
/* 404 M_NOT_FOUND when it is not held. */
int hold_delete(struct write *w, int64_t target, struct err *err) MUST_USE;

/* All of them, oldest first; texts are copied into the arena. */
int hold_list(struct read *r, struct arena *arena, struct hold **ret_holds, size_t *ret_n,
              struct err *err) MUST_USE;
/* Whether anything of the room is to be kept: 1, 0, -1. In a job it sees the jobs before it. */
int hold_covers(struct read *r, int64_t room, struct err *err) MUST_USE;
int hold_covers_now(struct write *w, int64_t room, struct err *err) MUST_USE;

#endif
