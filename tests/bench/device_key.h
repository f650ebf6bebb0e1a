/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_DEVICE_KEY_H
#define CHAPPE_BENCH_DEVICE_KEY_H

/* The keys of a device, as an encrypting client uploads them: servers verify the signatures. */

#include <stddef.h>

#include "base/buf.h"
#include "bench/bench.h"

/* A body for POST /keys/upload: identity keys and n one-time keys, new ones each time. */
void device_keys_write(struct bench *bench, const struct account *account, size_t n,
                       struct buf *body);

#endif
