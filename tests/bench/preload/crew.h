/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_CREW_H
#define CHAPPE_TESTS_BENCH_CREW_H

/* Threads that do numbered pieces of work through the service's use cases, each waiting for its
 * commit: as many as wait together share one fsync. */

#include <pthread.h>

#include "service/use.h"

struct crew;

/* Does the number-th piece with a use of its own (arena, snapshot, nobody as caller). -1 with
 * use->err; ERR_KIND_MOVED is tried again with another use. Any thread. */
typedef int (*crew_piece)(struct use *use, size_t number, void *arg);

/* Pieces 0 … n-1, begun in order. say names the work in what is printed. -1 after the first
 * failure. */
int crew_run(struct server *server, const char *say, size_t n, crew_piece piece, void *arg,
             struct err *err) MUST_USE;

#endif
