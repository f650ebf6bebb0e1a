/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_WORKERS_H
#define CHAPPE_NET_WORKERS_H

/* A bounded pool of threads that run handlers, fed by two lanes: polls (those that were woken, and
 * those that come again), and all other requests. Each lane has threads of its own, and those of
 * the polls have a lower priority (nice), so a request never waits for a crowd of polls. Work is
 * embedded in its owner and is in at most one lane. Threads: any. */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct work {
    struct work *next;
    void (*run)(struct work *work, void *worker_data);
};

enum lane { LANE_NORMAL, LANE_POLLS, LANE_COUNT };

struct workers;

struct workers *workers_new(void *(*begin)(void *data), void (*end)(void *data, void *worker_data),
                            void *data);
/* n threads for each lane; at most LIMIT_HTTP_POLL_WORKERS for polls, so that these leave readers
 * of the database to all others. */
int workers_start(struct workers *workers, unsigned n, struct err *err) MUST_USE;
/* The threads finish what is queued and end. */
void workers_stop(struct workers *workers);
void workers_free(struct workers *workers);

void workers_push(struct workers *workers, struct work *work, enum lane lane);
size_t workers_queued(struct workers *workers, enum lane lane);

/* The next work of a lane, for tests; NULL when it is empty. */
struct work *workers_pop(struct workers *workers, enum lane lane);

#endif
