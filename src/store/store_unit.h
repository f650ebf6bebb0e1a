/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STORE_UNIT_H
#define CHAPPE_STORE_STORE_UNIT_H

/* For unit tests: an empty store on the engine that the test program was started for, and events to
 * put into it. Helpers fail the test when something fails that should not. */

#include "base/unit.h"
#include "base/vec.h"
#include "db/db_unit.h"
#include "matrix/email.h"
#include "store/event.h"
#include "store/store.h"

struct store_unit {
    enum db_engine engine;
    struct db_unit *db;
    struct store *store;
    struct arena *arena;
    VEC(struct event *) kept; /* until the end of the test */
};

/* Set-up and tear-down of one test; *state is a struct store_unit. The group's state, given to
 * cmocka as initial state, is that struct. */
int store_unit_open(void **state);
int store_unit_close(void **state);
/* Closes the store and opens it again. */
void store_unit_reopen(struct store_unit *unit);
/* Opens it after the test has closed it. */
void store_unit_open_again(struct store_unit *unit);

#define store_unit_test(f) cmocka_unit_test_setup_teardown(f, store_unit_open, store_unit_close)

/* The main of a test program: engine from its argument. Runs tests with `unit` as their state. */
#define STORE_UNIT_MAIN(tests)                                                                     \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        enum db_engine engine;                                                                     \
        if (!db_unit_engine(argc, argv, &engine))                                                  \
            return DB_UNIT_SKIPPED;                                                                \
        store_unit_set_engine(engine);                                                             \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }
void store_unit_set_engine(enum db_engine engine);

int64_t unit_intern(struct store *store, const char *text);

/* A job that must be committed. */
void unit_run(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
              void *arg);

/* An event that is not stored: a message, or with state_key not 0 a state event, of a sender and a
 * hash made from its id. */
struct event *unit_event(struct store *store, int64_t room, int64_t place, int64_t type,
                         int64_t state_key);
/* Stores it. */
void unit_insert(struct store *store, struct event *event);

/* The caller's reference is given back at the end of the test. */
void unit_keep(struct store_unit *unit, struct event *event);

struct email unit_email(struct store_unit *unit, const char *text);

#endif
