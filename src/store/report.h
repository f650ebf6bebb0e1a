/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_REPORT_H
#define CHAPPE_STORE_REPORT_H

/* Reports that users make of events, rooms and users, for the operator to read. */

#include "store/store.h"

struct report {
    int64_t id, reporter, created_ms;
    int64_t room;   /* 0: none */
    int64_t event;  /* 0: none */
    int64_t target; /* a user; 0: none */
    struct str reason;
};

int report_insert(struct write *w, const struct report *report, struct err *err) MUST_USE;
/* Reports before `before` (0: from the newest on), newest first. */
int report_list(struct read *r, int64_t before, size_t limit, struct arena *arena,
                struct report **ret_rows, size_t *ret_n, struct err *err) MUST_USE;

#endif
