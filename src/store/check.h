/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_CHECK_H
#define CHAPPE_STORE_CHECK_H

/* The parts of store_check. Each goes through what it owns and gives a line a fault; -1 when the
 * store could not be read. */

#include "base/arena.h"
#include "store/store.h"

struct check {
    struct read *r;
    struct db_conn *conn;
    struct arena *arena; /* reset by whoever fills it */
    void (*report)(void *arg, const char *line);
    void *arg;
    int64_t faults;
};

void check_fault(struct check *check, const char *format, ...) PRINTF(2, 3);

int check_queries(struct check *check, struct err *err) MUST_USE; /* what a statement can tell */
int check_events(struct check *check, struct err *err) MUST_USE;  /* hashes, members, texts */
int check_states(struct check *check, struct err *err) MUST_USE;  /* hashes, deltas, jumps */
int check_rooms(struct check *check, struct err *err) MUST_USE;   /* rooms against their states */
int check_search(struct check *check, struct err *err) MUST_USE;  /* the index against events */
int check_audit(struct check *check, struct err *err) MUST_USE;   /* the chain of audit.h */

#endif
