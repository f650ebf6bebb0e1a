/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_LIMITER_H
#define CHAPPE_NET_LIMITER_H

/* The rate-limit engine: one leaky bucket (GCRA, one integer) a key, in a bounded table. The caller
 * makes the key (class and user, class and address). When the table is full the stalest entries go
 * first; a key that is full is never pushed out by fresh ones. Threads: any. */

#include <stdint.h>

#include "base/str.h"

struct limiter;

struct limiter_rule {
    double per_second; /* steady rate; 0: no limit */
    double burst;      /* at once */
};

struct limiter *limiter_new(size_t max_keys);
void limiter_free(struct limiter *limiter);

/* Takes `cost` from the bucket. 0: allowed. Otherwise refused, nothing taken, and the milliseconds
 * until it would be allowed. */
int64_t limiter_take(struct limiter *limiter, struct str key, struct limiter_rule rule, double cost,
                     int64_t monotonic_ms);

/* The same question, taking nothing. */
int64_t limiter_peek(struct limiter *limiter, struct str key, struct limiter_rule rule, double cost,
                     int64_t monotonic_ms);

#endif
