/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/appservice.h"

static const struct db_stmt LOAD = {"appservice_load",
                                    "SELECT pos, txn, upto, body FROM appservice WHERE id = :id"};
static const struct db_stmt BEGIN = {
    "appservice_begin", "INSERT INTO appservice (id, pos, txn, upto) VALUES (:id, :pos, 1, :pos)"
                        " ON CONFLICT (id) DO NOTHING"};
static const struct db_stmt PREPARE = {
    "appservice_prepare", "UPDATE appservice SET upto = :upto, body = :body"
                          " WHERE id = :id AND pos = :pos AND txn = :txn AND body IS NULL"};
static const struct db_stmt SKIP = {
    "appservice_skip", "UPDATE appservice SET pos = :upto, upto = :upto"
                       " WHERE id = :id AND pos = :pos AND txn = :txn AND body IS NULL"};
static const struct db_stmt ACKNOWLEDGE = {
    "appservice_acknowledge", "UPDATE appservice SET pos = upto, txn = txn + 1, body = NULL"
                              " WHERE id = :id AND txn = :txn AND body IS NOT NULL"};

int appservice_load(struct read *r, struct str id, struct arena *arena,
                    struct appservice_progress *ret_progress, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_BYTES("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_progress = (struct appservice_progress){
            .pos = db_column_int(query, 0),
            .txn = db_column_int(query, 1),
            .upto = db_column_int(query, 2),
            .body = db_column_copy(query, 3, arena),
        };
    return found;
}

int appservice_begin(struct write *w, struct str id, int64_t pos, struct err *err)
{
    return db_exec(write_conn(w), &BEGIN, DB_PARAMS(DB_BYTES("id", id), DB_INT("pos", pos)), err);
}

int appservice_prepare(struct write *w, struct str id, const struct appservice_progress *progress,
                       struct err *err)
{
    return db_exec_expect(write_conn(w), &PREPARE,
                          DB_PARAMS(DB_BYTES("id", id), DB_INT("pos", progress->pos),
                                    DB_INT("txn", progress->txn), DB_INT("upto", progress->upto),
                                    DB_BYTES("body", progress->body)),
                          1, err);
}

int appservice_skip(struct write *w, struct str id, const struct appservice_progress *progress,
                    struct err *err)
{
    return db_exec_expect(write_conn(w), &SKIP,
                          DB_PARAMS(DB_BYTES("id", id), DB_INT("pos", progress->pos),
                                    DB_INT("txn", progress->txn), DB_INT("upto", progress->upto)),
                          1, err);
}

int appservice_acknowledge(struct write *w, struct str id, int64_t txn, struct err *err)
{
    return db_exec_expect(write_conn(w), &ACKNOWLEDGE,
                          DB_PARAMS(DB_BYTES("id", id), DB_INT("txn", txn)), 1, err);
}
