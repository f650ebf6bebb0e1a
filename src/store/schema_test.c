/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/schema.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/unit.h"
#include "db/db_unit.h"

/* What migrations do to rows that were there before them. */

static const struct db_stmt ADD_EVENT = {
    "add_event",
    "INSERT INTO event (id, room, place, pos, hash, type, state_key, sender, ts, depth, flags,"
    " state, state_before, redacted_by, members, json)"
    " VALUES (:id, 7, :id, :id, :hash, 1, 0, 1, 1, 1, 0, 1, 1, 0, :hash, :hash)",
};
static const struct db_stmt ADD_TXN = {
    "add_txn",
    "INSERT INTO txn (device, scope, txn, event, ts) VALUES (:device, 7, :txn, :event, 1)",
};
static const struct db_stmt COUNT_RIGHT = {
    "count_right",
    "SELECT count(*) FROM event JOIN txn ON txn.event = event.id"
    " WHERE event.device = txn.device AND event.txn = txn.txn",
};
static const struct db_stmt COUNT_NONE = {
    "count_none",
    "SELECT count(*) FROM event WHERE device = 0 AND txn IS NULL",
};

struct fixture {
    struct db_unit *unit;
    struct db *db;
    struct db_conn *conn;
    struct err err;
};

static enum db_engine engine;

static void ok(struct fixture *f, int result)
{
    if (result < 0)
        print_error("%s / %s\n", f->err.text, f->err.detail);
    assert_true(result >= 0);
}

static int set_up(void **state)
{
    struct fixture *f = *state;
    *f = (struct fixture){.unit = db_unit_new(engine)};
    ok(f, db_open(db_unit_uri(f->unit), NULL, &f->db, &f->err));
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_conn_close(f->conn);
    db_close(f->db);
    db_unit_free(f->unit);
    return 0;
}

static int64_t count(struct fixture *f, const struct db_stmt *stmt)
{
    int64_t n = -1;
    ok(f, db_query_int(f->conn, stmt, DB_NO_PARAMS, &n, &f->err));
    return n;
}

/* Every third event has no transaction, as those of the server itself. */
static void add_events(struct fixture *f, int64_t n)
{
    for (int64_t id = 1; id <= n; id++) {
        char hash[33], txn[33];
        snprintf(hash, sizeof hash, "%016lld%016d", (long long)id, 0);
        snprintf(txn, sizeof txn, "m.room.message %lld", (long long)id);
        ok(f, db_exec(f->conn, &ADD_EVENT,
                      DB_PARAMS(DB_INT("id", id), DB_BYTES("hash", str_from(hash))), &f->err));
        if (id % 3)
            ok(f, db_exec(f->conn, &ADD_TXN,
                          DB_PARAMS(DB_INT("device", 1 + id % 5), DB_BYTES("txn", str_from(txn)),
                                    DB_INT("event", id)),
                          &f->err));
    }
}

static void finish_in_the_background(struct fixture *f)
{
    int more;
    do {
        ok(f, db_begin(f->conn, &f->err));
        more = db_migrate_background(f->conn, STORE_MIGRATIONS, STORE_MIGRATIONS_N, &f->err);
        ok(f, more);
        ok(f, db_commit(f->conn, &f->err));
    } while (more);
}

static void events_are_given_their_transactions(void **state)
{
    struct fixture *f = *state;
    enum { EVENTS = 1600, BEFORE = 36 };
    ok(f, db_migrate(f->db, STORE_MIGRATIONS, BEFORE, &f->err));
    ok(f, db_begin(f->conn, &f->err));
    add_events(f, EVENTS);
    ok(f, db_commit(f->conn, &f->err));
    ok(f, db_migrate(f->db, STORE_MIGRATIONS, STORE_MIGRATIONS_N, &f->err));
    finish_in_the_background(f);
    assert_int_equal(count(f, &COUNT_RIGHT), EVENTS - EVENTS / 3);
    assert_int_equal(count(f, &COUNT_NONE), EVENTS / 3);
    finish_in_the_background(f); /* nothing is left to do */
}

int main(int argc, char **argv)
{
    static struct fixture fixture;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(events_are_given_their_transactions, set_up,
                                                 tear_down, &fixture),
    };
    if (!db_unit_engine(argc, argv, &engine))
        return DB_UNIT_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
