/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/txn.h"

#include "store/private.h"

static const struct db_stmt TXN_INSERT = {
    "txn_insert",
    "INSERT INTO txn (device, scope, txn, event, ts) VALUES (:device, :scope, :txn, :event, :ts)"
    " ON CONFLICT (device, scope, txn) DO NOTHING",
};
static const struct db_stmt TXN_FIND = {
    "txn_find",
    "SELECT event FROM txn WHERE device = :device AND scope = :scope AND txn = :txn",
};
static const struct db_stmt TXN_FIND_EVENT = {
    "txn_find_event",
    "SELECT txn FROM txn WHERE device = :device AND event = :event",
};
static const struct db_stmt TXN_DELETE_DEVICE = {
    "txn_delete_device",
    "DELETE FROM txn WHERE device = :device",
};

int txn_insert(struct write *w, int64_t device, int64_t scope, struct str txn, int64_t event,
               struct err *err)
{
    w->touched = true;
    return db_exec_expect(w->conn, &TXN_INSERT,
                          DB_PARAMS(DB_INT("device", device), DB_INT("scope", scope),
                                    DB_BYTES("txn", txn), DB_INT("event", event),
                                    DB_INT("ts", w->time_ms)),
                          1, err);
}

int txn_find(struct read *r, int64_t device, int64_t scope, struct str txn, int64_t *ret_event,
             struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(
        conn, &TXN_FIND,
        DB_PARAMS(DB_INT("device", device), DB_INT("scope", scope), DB_BYTES("txn", txn)),
        ret_event, err);
}

int txn_find_event(struct read *r, int64_t device, int64_t event, struct arena *arena,
                   struct str *ret_txn, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &TXN_FIND_EVENT, DB_PARAMS(DB_INT("device", device), DB_INT("event", event)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_txn = db_column_copy(query, 0, arena);
    return found;
}

int txn_delete_device(struct write *w, int64_t device, struct err *err)
{
    w->touched = true;
    return db_exec(w->conn, &TXN_DELETE_DEVICE, DB_PARAMS(DB_INT("device", device)), err);
}
