/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_FETCH_H
#define CHAPPE_NET_FETCH_H

/* One page of an address that a user gave, over outbound.h: http or https, its usual port, no user
 * and no password in it, public addresses alone. Each redirect is judged like the first address,
 * and there are few. The answer is taken as it comes: nothing is unpacked. It waits, so it is for
 * threads that may. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct fetch {
    struct str url;
    struct str hosts;       /* that may be asked, with commas between: host_is_listed */
    bool private_addresses; /* the operator lets them be reached, on any port */
    const char *accept;     /* media types asked for */
    const char *user_agent;
    int64_t connect_ms, total_ms;
    int redirects;
    size_t answer_max; /* bytes; what is more is not read */
};

struct fetched {
    int status;
    struct str url;  /* where it came from, after redirects */
    struct str type; /* Content-Type; "" when there is none */
    struct str body; /* in the arena, cut off at answer_max */
};

/* Names with commas between: "example.org", "*.example.org" (below it, and itself not), "*" (any);
 * without regard to case. */
bool host_is_listed(struct str hosts, struct str host);

/* A reference as a document at `base` has it, as an address; STR_NONE: it is none. */
struct str fetch_resolve(struct str base, struct str reference, struct arena *arena);

/* -1: 403 M_FORBIDDEN for an address that is not to be asked, as it was given or redirected to; 502
 * M_UNKNOWN when there was no answer, whatever the reason: an address that may not be reached looks
 * like one where nobody is. */
int fetch_run(const struct fetch *fetch, struct arena *arena, struct fetched *ret_fetched,
              struct err *err) MUST_USE;

#endif
