/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_MANIFEST_H
#define CHAPPE_TESTS_BENCH_MANIFEST_H

/* DATA/bench.tsv: what the load generator has to know of a filled store. Its form is described in
 * tests/bench/README.md. */

#include "bench/preload/people.h"
#include "bench/preload/plan.h"
#include "service/config.h"

bool manifest_exists(struct str data_dir);
int manifest_write(const struct config *config, const struct people *people,
                   const struct plan *plan, struct err *err) MUST_USE;

#endif
