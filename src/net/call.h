/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_CALL_H
#define CHAPPE_NET_CALL_H

/* One HTTP request to a destination that the operator configured, over outbound.h: http or https,
 * private addresses allowed, no redirects. It waits, so it is for threads that may. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct call {
    const char *method; /* "GET", "PUT", "POST" */
    struct str url;     /* what is not printable ASCII is escaped by the caller */
    struct str bearer;  /* for Authorization; STR_NONE: none */
    struct str body;    /* JSON; STR_NONE: none */
    int64_t connect_ms, total_ms;
    size_t answer_max; /* bytes; a longer answer is cut off there */
    const bool *stop;  /* atomic: turned true, the call ends; NULL: none */
};

struct call_answer {
    int status;
    struct str body; /* in the arena */
};

enum call_outcome {
    CALL_ANSWERED,
    CALL_UNREACHABLE, /* err's detail says why, and names no URL */
    CALL_TIMED_OUT,
};

enum call_outcome call_run(const struct call *call, struct arena *arena,
                           struct call_answer *ret_answer, struct err *err) MUST_USE;

/* Of a path's segment: what is not unreserved (RFC 3986) as %XX. In the arena. */
struct str call_escape(struct arena *arena, struct str segment);

#endif
