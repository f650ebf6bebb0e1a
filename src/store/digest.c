/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/digest.h"

static const struct db_stmt PUT = {
    "digest_put", "INSERT INTO digest (user_name, sent_ms, pos) VALUES (:user, :sent, :pos)"
                  " ON CONFLICT (user_name) DO UPDATE SET sent_ms = excluded.sent_ms,"
                  " pos = excluded.pos"};
static const struct db_stmt DELETE = {"digest_delete",
                                      "DELETE FROM digest WHERE user_name = :user"};
static const struct db_stmt TAKE_BACK = {"digest_take_back",
                                         "DELETE FROM digest WHERE sent_ms = :sent AND user_name ="
                                         " (SELECT user_name FROM email WHERE address = :address)"};
static const struct db_stmt LOAD = {"digest_load",
                                    "SELECT sent_ms, pos FROM digest WHERE user_name = :user"};
static const struct db_stmt LINK = {
    "digest_link_insert",
    "INSERT INTO digest_link (digest, user_name, created_ms) VALUES (:hash, :user, :now)"};
static const struct db_stmt FIND_LINK = {"digest_link_find",
                                         "SELECT user_name FROM digest_link WHERE digest = :hash"};
static const struct db_stmt EXPIRE = {"digest_link_expire",
                                      "DELETE FROM digest_link WHERE created_ms < :before"};

int digest_put(struct write *w, const struct digest *digest, struct err *err)
{
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(DB_INT("user", digest->user), DB_INT("sent", digest->sent_ms),
                             DB_INT("pos", digest->pos)),
                   err);
}

int digest_take_back(struct write *w, const struct email *to, int64_t sent_ms, struct err *err)
{
    return db_exec(write_conn(w), &TAKE_BACK,
                   DB_PARAMS(DB_INT("sent", sent_ms), DB_BYTES("address", to->full)), err);
}

int digest_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("user", user)), err);
}

int digest_link_insert(struct write *w, struct str hash, int64_t user, struct err *err)
{
    return db_exec(
        write_conn(w), &LINK,
        DB_PARAMS(DB_BYTES("hash", hash), DB_INT("user", user), DB_INT("now", write_time_ms(w))),
        err);
}

int digest_link_expire(struct write *w, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("before", before_ms)), err);
}

int digest_load(struct read *r, int64_t user, struct digest *ret_digest, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, &LOAD, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_digest = (struct digest){user, db_column_int(query, 0), db_column_int(query, 1)};
    return found;
}

int digest_link_find(struct read *r, struct str hash, int64_t *ret_user, struct err *err)
{
    return read_query_int(r, &FIND_LINK, DB_PARAMS(DB_BYTES("hash", hash)), ret_user, err);
}
