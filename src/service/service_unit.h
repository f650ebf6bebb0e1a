/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SERVICE_UNIT_H
#define CHAPPE_SERVICE_SERVICE_UNIT_H

/* For unit tests: a whole server in the test's process, on an empty store, without HTTP. Use cases
 * are called without an exchange, so that they return when their job is committed. */

#include <pthread.h>

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

/* Begins the snapshot of a use now: what is committed later it does not see. */
void unit_use_look(struct use *use);

/* Stops the appender, once what was submitted before is committed: what is submitted from here on
 * waits, in its order, until the gate is opened. The gate is the caller's and outlives it. */
struct unit_gate {
    struct job job;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool reached, open, done;
};
void unit_gate_close(struct unit_gate *gate, struct store *store);
void unit_gate_open(struct unit_gate *gate);
/* Waits until n jobs at least stand before the gate. */
void unit_gate_wait(struct store *store, int64_t n);

/* Fails the test, with the faults, unless the store is sound. */
void unit_check_store(struct service_unit *unit);

#endif
