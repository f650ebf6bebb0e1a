/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PLAN_TEST_H
#define CHAPPE_STORE_PLAN_TEST_H

/* Every statement of the store, found by tools/statements when the test is built. */

#include "base/attr.h"
#include "db/db.h"

extern const struct db_stmt PLAN_STATEMENTS[];
extern const size_t PLAN_STATEMENTS_N;

#endif
