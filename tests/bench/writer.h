/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_WRITER_H
#define CHAPPE_BENCH_WRITER_H

/* Somebody who sends one message after the other over a connection of their own, each when the one
 * before it is answered (a closed loop). */

#include "bench/batch.h"
#include "bench/measure.h"

struct writer {
    struct bench *bench;
    struct measure *measure; /* where each send is counted */
    struct conn *conn;
    size_t account;
    struct str room;
    struct draft draft;
    bool stopped;
    uint64_t left; /* sends to go; UINT64_MAX: without end */
};

void writer_init(struct writer *writer, struct bench *bench, struct measure *measure,
                 size_t account, struct str room);
void writer_begin(struct writer *writer);
void writer_done(struct writer *writer); /* closes the connection */

#endif
