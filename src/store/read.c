/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/private.h"

void read_begin(struct store *store, struct read *ret_read)
{
    *ret_read = (struct read){.store = store, .head = store_head(store)};
}

static const struct db_stmt READ_HEAD = {
    "read_head",
    "SELECT pos FROM counter WHERE id = 1",
};

/* What another node has acknowledged is seen, though its log is not taken in yet. */
static int raise_head(struct read *read, struct db_conn *conn, struct err *err)
{
    int64_t pos = 0;
    if (read->fixed || read->store->engine == DB_ENGINE_SQLITE)
        return 0;
    if (db_query_int(conn, &READ_HEAD, DB_NO_PARAMS, &pos, err) < 0)
        return -1;
    if (read->head.pos < pos)
        read->head.pos = pos;
    return 0;
}

int read_conn(struct read *read, struct db_conn **ret_conn, struct err *err)
{
    struct db *db = read->store->db;
    struct db_conn *conn;
    if (!read->conn) {
        if (db_reader_take(db, &conn, err) < 0)
            return -1;
        if (db_begin(conn, err) < 0 || raise_head(read, conn, err) < 0) {
            db_reader_give(db, conn);
            return -1;
        }
        read->conn = conn;
    }
    *ret_conn = read->conn;
    return 0;
}

int read_query(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
               size_t n_params, struct db_query **ret_query, struct err *err)
{
    struct db_conn *conn;
    return read_conn(read, &conn, err) < 0 ? -1
                                           : db_query(conn, stmt, params, n_params, ret_query, err);
}

int read_query_int(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, int64_t *ret_value, struct err *err)
{
    struct db_conn *conn;
    return read_conn(read, &conn, err) < 0
               ? -1
               : db_query_int(conn, stmt, params, n_params, ret_value, err);
}

int read_next_due(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
                  size_t n_params, int64_t *ret_due_ms, struct err *err)
{
    int64_t due_ms;
    int found = read_query_int(read, stmt, params, n_params, &due_ms, err);
    if (found >= 0)
        *ret_due_ms = found ? due_ms : INT64_MAX;
    return found < 0 ? -1 : 0;
}

void read_end(struct read *read)
{
    if (!read->conn)
        return;
    db_rollback(read->conn);
    db_reader_give(read->store->db, read->conn);
    read->conn = NULL;
}

void read_renew(struct read *read)
{
    read_end(read);
    read_begin(read->store, read);
}
