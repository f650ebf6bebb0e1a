/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_SERVER_H
#define CHAPPE_BENCH_SERVER_H

/* The server under test: a `chappe serve` that the generator starts and stops, or one that runs
 * already somewhere and is only spoken to. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

#define SERVER_SET_MAX 16

struct server {
    /* Given. program NULL: it runs already, at `url`, and cannot be started or stopped. */
    const char *program, *data;
    const char *set[SERVER_SET_MAX]; /* KEY=VALUE */
    size_t n_set;
    pid_t database_pid;             /* root of the database's processes; 0: inside the server */
    const char *database_directory; /* NULL: inside `data`, or not known */
    /* Found. */
    pid_t pid; /* also given, when it is known, for one that runs already */
    char url[256];
    int64_t ready_us; /* from the start of the process to its "ready" */
};

/* Waits until it answers. -1: it ended, or said nothing for five minutes. */
int server_start(struct server *server, struct err *err) MUST_USE;
/* SIGTERM and its end. -1: it ended badly. Nothing to do for one that runs already. */
int server_stop(struct server *server, struct err *err) MUST_USE;
int64_t server_disk_bytes(const struct server *server);

#endif
