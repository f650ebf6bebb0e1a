/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_MEMBER_H
#define CHAPPE_BENCH_MEMBER_H

/* A user in many rooms, each with a few messages. */

#include "bench/bench.h"

/* Makes a fresh account and n rooms that it is in, with so many messages each. */
int member_make(struct bench *bench, size_t n_rooms, size_t n_messages, size_t *ret_account,
                struct err *err) MUST_USE;

#endif
