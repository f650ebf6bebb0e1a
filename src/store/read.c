/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/private.h"

void read_begin(struct store *store, struct read *ret_read)
{
    *ret_read = (struct read){store, store_head(store), NULL};
}

int read_conn(struct read *read, struct db_conn **ret_conn, struct err *err)
{
    struct db *db = read->store->db;
    struct db_conn *conn;
    if (!read->conn) {
        if (db_reader_take(db, &conn, err) < 0)
            return -1;
        if (db_begin(conn, err) < 0) {
            db_reader_give(db, conn);
            return -1;
        }
        read->conn = conn;
    }
    *ret_conn = read->conn;
    return 0;
}

void read_end(struct read *read)
{
    if (!read->conn)
        return;
    db_rollback(read->conn);
    db_reader_give(read->store->db, read->conn);
    read->conn = NULL;
}
