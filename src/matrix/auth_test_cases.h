/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_AUTH_TEST_CASES_H
#define CHAPPE_MATRIX_AUTH_TEST_CASES_H

/* The rules of auth.h one by one, as a table: each auth_v*_test.c runs the rows of its version, and
 * names each test by the rule's number in that version. */

#include "matrix/test_room.h"

struct auth_case {
    const char *rule; /* number in version 12 */
    const char *what;
    int from, to;      /* versions; 0: no limit */
    const char *state; /* lines added to the room before; NULL: none */
    const char *event;
    unsigned flags;
    const char *denied; /* NULL: allowed; "=": by that very rule; else by that other one, of
                           version 12 or of the one it names ("v5 auth 4.1") */
};

#define AUTH_CASE_NO_POWER 16u /* m.room.power_levels is taken out of the state */
#define AUTH_CASE_SIGNED_A 32u /* server a has signed too */

extern const struct auth_case auth_cases_member[];
extern const size_t auth_cases_member_n;
extern const struct auth_case auth_cases_other[];
extern const size_t auth_cases_other_n;

/* Runs all rows of a version, and the tests of create events and auth events. What main returns. */
int auth_cases_run(const char *version);

#endif
