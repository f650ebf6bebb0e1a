/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/schema.h"

#include <stdio.h>

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
static const struct db_stmt COUNT_TXNS = {"count_txns", "SELECT count(*) FROM txn"};
static const struct db_stmt PURGE = {"purge", "DELETE FROM event WHERE id = 700"};
static const struct db_stmt COUNT_NONE = {
    "count_none",
    "SELECT count(*) FROM event WHERE device = 0 AND txn IS NULL",
};

static enum db_engine engine;

static int64_t count(struct db_conn *conn, const struct db_stmt *stmt)
{
    struct err err = ERR_INIT;
    int64_t n = -1;
    assert_int_equal(db_query_int(conn, stmt, DB_NO_PARAMS, &n, &err), 1);
    return n;
}

/* Every third event has no transaction, as those of the server itself. */
static void add_events(struct db_conn *conn, int64_t n)
{
    struct err err = ERR_INIT;
    for (int64_t id = 1; id <= n; id++) {
        char hash[33], txn[33];
        snprintf(hash, sizeof hash, "%016lld%016d", (long long)id, 0);
        snprintf(txn, sizeof txn, "m.room.message %lld", (long long)id);
        assert_int_equal(db_exec(conn, &ADD_EVENT,
                                 DB_PARAMS(DB_INT("id", id), DB_BYTES("hash", str_from(hash))),
                                 &err),
                         0);
        if (id % 3 == 0)
            continue;
        assert_int_equal(db_exec(conn, &ADD_TXN,
                                 DB_PARAMS(DB_INT("device", 1 + id % 5),
                                           DB_BYTES("txn", str_from(txn)), DB_INT("event", id)),
                                 &err),
                         0);
    }
}

static void finish_in_the_background(struct db_conn *conn)
{
    struct err err = ERR_INIT;
    int more;
    do {
        assert_int_equal(db_begin(conn, &err), 0);
        more = db_migrate_background(conn, STORE_MIGRATIONS, STORE_MIGRATIONS_N, &err);
        assert_true(more >= 0);
        assert_int_equal(db_commit(conn, &err), 0);
    } while (more);
}

static void events_are_given_their_transactions(void **state)
{
    enum { EVENTS = 1600, BEFORE = 36 };
    struct db_unit *unit = db_unit_new(engine);
    struct err err = ERR_INIT;
    struct db *db;
    struct db_conn *conn;
    (void)state;
    assert_int_equal(db_open(db_unit_uri(unit), NULL, &db, &err), 0);
    assert_int_equal(db_migrate(db, STORE_MIGRATIONS, BEFORE, &err), 0);
    assert_int_equal(db_conn_open(db, DB_MODE_WRITE, &conn, &err), 0);
    assert_int_equal(db_begin(conn, &err), 0);
    add_events(conn, EVENTS);
    assert_int_equal(db_commit(conn, &err), 0);
    assert_int_equal(db_migrate(db, STORE_MIGRATIONS, STORE_MIGRATIONS_N, &err), 0);
    /* An event that is purged meanwhile takes its transaction with it. */
    assert_int_equal(db_exec(conn, &PURGE, DB_NO_PARAMS, &err), 0);
    finish_in_the_background(conn);
    assert_int_equal(count(conn, &COUNT_TXNS), EVENTS - EVENTS / 3 - 1);
    assert_int_equal(count(conn, &COUNT_RIGHT), EVENTS - EVENTS / 3 - 1);
    assert_int_equal(count(conn, &COUNT_NONE), EVENTS / 3);
    finish_in_the_background(conn); /* nothing is left to do */
    db_conn_close(conn);
    db_close(db);
    db_unit_free(unit);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_given_their_transactions)};
    if (!db_unit_engine(argc, argv, &engine))
        return DB_UNIT_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
