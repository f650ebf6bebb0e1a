/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_RETENTION_H
#define CHAPPE_MATRIX_RETENTION_H

/* How long messages are kept: m.room.retention (MSC1763) and what a server makes of it. All times
 * are milliseconds, as every client and server that speaks it has them (the proposal's text says
 * seconds and was never followed). docs/design/retention.md. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/doc.h"

#define RETENTION_FOREVER INT64_MAX

/* The content of m.room.retention. */
struct retention {
    int64_t max_ms;         /* RETENTION_FOREVER: absent or null */
    int64_t min_ms;         /* 0: absent or null */
    bool expire_on_clients; /* meant for clients: passed on as it is */
};

/* What the operator allows. */
struct retention_bounds {
    int64_t otherwise_ms;      /* in rooms that say nothing; RETENTION_FOREVER */
    int64_t least_ms, most_ms; /* for rooms that say something; 0 and RETENTION_FOREVER: none */
};

/* -1, 400 M_BAD_JSON: a lifetime is no whole number from 0 to 2^53-1, the shorter one is longer, or
 * expire_on_clients is no boolean. */
int retention_parse(const struct json *content, struct retention *ret_retention,
                    struct err *err) MUST_USE;

/* How long the messages of a room are kept: what it says (NULL: nothing) within the bounds, and not
 * less than its min_lifetime as far as they allow. */
int64_t retention_lifetime(const struct retention *retention,
                           const struct retention_bounds *bounds);

/* Events from before this time have expired; INT64_MIN: none has. */
int64_t retention_cutoff(int64_t lifetime_ms, int64_t now_ms);

#endif
