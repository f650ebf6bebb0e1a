/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SERVICE_UNIT_H
#define CHAPPE_SERVICE_SERVICE_UNIT_H

/* For unit tests: a whole server in the test's process, on an empty store, without HTTP. Use cases
 * are called without an exchange, so that they return when their job is committed. */

#include "base/unit.h"
#include "db/db_unit.h"
#include "service/config.h"
#include "service/use.h"

struct service_unit {
    struct db_unit *db;
    struct config config;
    struct server *server;
};

/* Set-up and tear-down of one test; *state is a struct service_unit. */
int service_unit_open(void **state);
int service_unit_close(void **state);
/* Closes the server and opens it again on the same store. */
void service_unit_reopen(struct service_unit *unit);

#define service_unit_test(f)                                                                       \
    cmocka_unit_test_setup_teardown(f, service_unit_open, service_unit_close)

/* The main of a test program: engine from its argument. */
#define SERVICE_UNIT_MAIN(tests)                                                                   \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        enum db_engine engine;                                                                     \
        if (!db_unit_engine(argc, argv, &engine))                                                  \
            return DB_UNIT_SKIPPED;                                                                \
        service_unit_set_engine(engine);                                                           \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }
void service_unit_set_engine(enum db_engine engine);

/* A new account as a caller with a device of its own. user_id is a whole one and outlives the
 * caller. */
struct caller unit_account(struct service_unit *unit, const char *user_id);

/* One request: its memory and snapshot. Any thread. */
void unit_use_begin(struct service_unit *unit, const struct caller *caller, struct use *ret_use);
void unit_use_end(struct use *use);

/* Fails the test, with the faults, unless the store is sound. */
void unit_check_store(struct service_unit *unit);

#endif
