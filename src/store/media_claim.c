/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_claim.h"

static const struct db_stmt GOES = {
    "media_claim_goes", "SELECT 1 FROM media_claim WHERE content = :content AND node <> :node"
                        " AND goes = 1 AND until_ms > :now LIMIT 1"};
static const struct db_stmt IS_HELD = {
    "media_claim_is_held",
    "SELECT 1 FROM media_claim WHERE content = :content AND node <> :node"
    " AND until_ms > :now"
    " UNION ALL SELECT 1 FROM media WHERE hash = :content"
    " UNION ALL SELECT 1 FROM media_thumbnail WHERE hash = :content LIMIT 1"};
static const struct db_stmt PUT = {
    "media_claim_put", "INSERT INTO media_claim (content, node, goes, until_ms) VALUES (:content,"
                       " :node, :goes, :until) ON CONFLICT (content, node) DO UPDATE SET goes ="
                       " excluded.goes, until_ms = excluded.until_ms"};
static const struct db_stmt DROP = {
    "media_claim_drop", "DELETE FROM media_claim WHERE content = :content AND node = :node"};
static const struct db_stmt EXPIRE = {"media_claim_expire",
                                      "DELETE FROM media_claim WHERE until_ms <= :now"};

static int put(struct write *w, struct str content, int64_t node, int goes, int64_t until_ms,
               struct err *err)
{
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(DB_BYTES("content", content), DB_INT("node", node),
                             DB_INT("goes", goes), DB_INT("until", until_ms)),
                   err);
}

/* 1, 0, -1. */
static int ask(struct write *w, const struct db_stmt *stmt, struct str content, int64_t node,
               struct err *err)
{
    int64_t one;
    return db_query_int(write_conn(w), stmt,
                        DB_PARAMS(DB_BYTES("content", content), DB_INT("node", node),
                                  DB_INT("now", write_time_ms(w))),
                        &one, err);
}

int media_claim_take(struct write *w, struct str content, int64_t node, int64_t until_ms,
                     struct err *err)
{
    int goes = ask(w, &GOES, content, node, err);
    if (goes == 0)
        return put(w, content, node, 0, until_ms, err);
    if (goes < 0)
        return -1;
    err_client(err, 503, "M_UNKNOWN", "The same file is being deleted, try again");
    err->retry_after_ms = 1000;
    return -1;
}

int media_claim_take_away(struct write *w, struct str content, int64_t node, int64_t until_ms,
                          bool *ret_ours, struct err *err)
{
    int held = ask(w, &IS_HELD, content, node, err);
    if (held < 0)
        return -1;
    *ret_ours = held == 0;
    return held ? 0 : put(w, content, node, 1, until_ms, err);
}

int media_claim_drop(struct write *w, struct str content, int64_t node, struct err *err)
{
    return db_exec(write_conn(w), &DROP,
                   DB_PARAMS(DB_BYTES("content", content), DB_INT("node", node)), err);
}

int media_claim_expire(struct write *w, int64_t now_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("now", now_ms)), err);
}
