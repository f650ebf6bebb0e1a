/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_ASK_H
#define CHAPPE_BENCH_ASK_H

/* Requests of many people over connections that they share, each measured from the moment it was
 * due: for traffic of which the answers do not matter to who asks next. */

#include "bench/batch.h"
#include "bench/measure.h"

#define ASKER_CONNS 64

/* Shared connections: over HTTP/1.1 each carries one request at a time, in turn. */
struct asker {
    struct bench *bench;
    struct conn *conns[ASKER_CONNS];
    size_t next;
    struct draft draft; /* of the request that is written just now */
    uint64_t n_errors;
};

void asker_init(struct asker *asker, struct bench *bench);
void asker_done(struct asker *asker);

/* An empty draft, to be written and given to asker_ask. */
struct draft *asker_draft(struct asker *asker);

/* Sends the draft. The answer is counted in `measure` (NULL: only as an error when it is none),
 * then `then` is called with `owner`, when it is not NULL. */
void asker_ask(struct asker *asker, int64_t due_us, struct measure *measure,
               void (*then)(void *owner, const struct answer *answer), void *owner);

#endif
