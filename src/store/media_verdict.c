/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_verdict.h"

#include "base/vec.h"

static const struct db_stmt SAVE = {
    "media_verdict_save",
    "INSERT INTO media_verdict (content, key_hash, state, cause, signature_ms, scanned_ms)"
    " VALUES (:content, :key, :state, :cause, :signature, :scanned)"
    " ON CONFLICT (content, key_hash) DO UPDATE SET state = excluded.state,"
    " cause = excluded.cause, signature_ms = excluded.signature_ms,"
    " scanned_ms = excluded.scanned_ms"};
static const struct db_stmt FIND = {
    "media_verdict_find", "SELECT state, cause, signature_ms, scanned_ms FROM media_verdict"
                          " WHERE content = :content AND key_hash = :key"};
static const struct db_stmt EXISTS = {
    "media_verdict_exists",
    "SELECT 1 FROM media_verdict WHERE content = :content AND key_hash = :key"};
static const struct db_stmt OLDER = {"media_verdict_older",
                                     "SELECT content FROM media_verdict"
                                     " WHERE key_hash = :key AND signature_ms < :signature"
                                     " ORDER BY signature_ms LIMIT :limit OFFSET :skipped"};
static const struct db_stmt FORGET = {
    "media_verdict_forget",
    "DELETE FROM media_verdict WHERE content = :content AND key_hash = :key"};

int media_verdict_save(struct write *w, const struct media_verdict *verdict, struct err *err)
{
    return db_exec(write_conn(w), &SAVE,
                   DB_PARAMS(DB_BYTES("content", verdict->content), DB_BYTES("key", verdict->key),
                             DB_INT("state", verdict->state), DB_INT("cause", verdict->cause),
                             DB_INT("signature", verdict->signature_ms),
                             DB_INT("scanned", verdict->scanned_ms)),
                   err);
}

int media_verdict_find(struct read *r, struct str content, struct str key,
                       struct media_verdict *ret_verdict, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, &FIND, DB_PARAMS(DB_BYTES("content", content), DB_BYTES("key", key)), &query,
                   err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_verdict = (struct media_verdict){
            .content = content,
            .key = key,
            .state = (enum scan_state)db_column_int(query, 0),
            .cause = (enum scan_cause)db_column_int(query, 1),
            .signature_ms = db_column_int(query, 2),
            .scanned_ms = db_column_int(query, 3),
        };
    return found;
}

int media_verdict_exists(struct write *w, struct str content, struct err *err)
{
    int64_t one;
    return db_query_int(write_conn(w), &EXISTS,
                        DB_PARAMS(DB_BYTES("content", content), DB_BYTES("key", MEDIA_NO_KEY)),
                        &one, err);
}

int media_verdict_list_older(struct read *r, int64_t signature_ms, size_t skipped, size_t limit,
                             struct arena *arena, struct str **ret_contents, size_t *ret_n,
                             struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct str) contents = {0};
    int more;
    if (read_query(r, &OLDER,
                   DB_PARAMS(DB_BYTES("key", MEDIA_NO_KEY), DB_INT("signature", signature_ms),
                             DB_INT("limit", (int64_t)limit), DB_INT("skipped", (int64_t)skipped)),
                   &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &contents, db_column_copy(query, 0, arena));
    *ret_contents = contents.p;
    *ret_n = contents.n;
    return more;
}

int media_verdict_forget(struct write *w, struct str content, struct str key, struct err *err)
{
    return db_exec(write_conn(w), &FORGET,
                   DB_PARAMS(DB_BYTES("content", content), DB_BYTES("key", key)), err);
}
