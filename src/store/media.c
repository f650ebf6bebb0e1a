/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media.h"

#include "base/limits.h"
#include "base/vec.h"

#define COLUMNS "id, origin, media_id, owner, state, size, type, name, hash, created_ms, expires_ms"

static const struct db_stmt FIND = {"media_find",
                                    "SELECT " COLUMNS " FROM media WHERE origin = :origin"
                                    " AND media_id = :media_id"};
static const struct db_stmt BY_ID = {"media_by_id", "SELECT " COLUMNS " FROM media WHERE id = :id"};
static const struct db_stmt INSERT = {
    "media_insert", "INSERT INTO media (" COLUMNS ") VALUES (:id, :origin, :media_id, :owner,"
                    " :state, :size, :type, :name, :hash, :created, :expires)"};
static const struct db_stmt FILL = {
    "media_fill", "UPDATE media SET state = :state, size = :size, type = :type, name = :name,"
                  " hash = :hash, expires_ms = 0 WHERE id = :id"};
static const struct db_stmt ADVANCE = {
    "media_advance", "UPDATE media SET size = :size WHERE id = :id AND state = 0"};
static const struct db_stmt COUNT_RESERVED = {
    "media_count_reserved", "SELECT count(*) FROM media WHERE owner = :owner AND state = 0"
                            " AND expires_ms > :now"};
static const struct db_stmt EXPIRE = {"media_expire",
                                      "DELETE FROM media WHERE state = 0 AND expires_ms <= :now"};
static const struct db_stmt END = {
    "media_end", "DELETE FROM media WHERE state = 1 AND owner = 0 AND expires_ms > 0"
                 " AND expires_ms <= :now"};
static const struct db_stmt EMPTY = {
    "media_empty", "UPDATE media SET state = 3, hash = NULL, name = NULL, type = NULL"
                   " WHERE id = :id"};
static const struct db_stmt EMPTY_OWNER = {
    "media_empty_owner", "UPDATE media SET state = 3, hash = NULL, name = NULL, type = NULL"
                         " WHERE owner = :owner AND hash IS NOT NULL"};
static const struct db_stmt UNRESERVE = {"media_unreserve",
                                         "DELETE FROM media WHERE owner = :owner AND state = 0"};
static const struct db_stmt USAGE_DELETE = {"media_usage_delete",
                                            "DELETE FROM media_usage WHERE user_name = :owner"};
static const struct db_stmt QUARANTINE = {"media_quarantine",
                                          "UPDATE media SET state = :state WHERE hash = :hash"};
static const struct db_stmt IS_QUARANTINED = {
    "media_is_quarantined", "SELECT 1 FROM media WHERE hash = :hash AND state = 2 LIMIT 1"};
static const struct db_stmt IS_CLOSED = {
    "media_is_closed", "SELECT 1 FROM account WHERE user_name = :owner AND (flags & 8) <> 0"};
static const struct db_stmt NAMES = {"media_names",
                                     "SELECT 1 FROM media WHERE hash = :hash LIMIT 1"};
static const struct db_stmt USAGE_BYTES = {
    "media_usage_bytes", "SELECT bytes FROM media_usage WHERE user_name = :owner"};
static const struct db_stmt USAGE = {
    "media_usage", "SELECT bytes, files FROM media_usage WHERE user_name = :owner"};
static const struct db_stmt USAGE_ADD = {
    "media_usage_add", "INSERT INTO media_usage (user_name, bytes, files) VALUES (:owner, :bytes,"
                       " :files) ON CONFLICT (user_name) DO UPDATE SET bytes = media_usage.bytes +"
                       " excluded.bytes, files = media_usage.files + excluded.files"};
static const struct db_stmt LIST_OWNER = {
    "media_list_owner", "SELECT " COLUMNS " FROM media WHERE owner = :owner AND id > :after"
                        " AND hash IS NOT NULL ORDER BY id LIMIT :limit"};
static const struct db_stmt LIST = {"media_list", "SELECT " COLUMNS " FROM media WHERE id > :after"
                                                  " AND hash IS NOT NULL ORDER BY id LIMIT :limit"};

static struct media row_of(struct db_query *query, struct arena *arena)
{
    return (struct media){
        .id = db_column_int(query, 0),
        .origin = db_column_copy(query, 1, arena),
        .media_id = db_column_copy(query, 2, arena),
        .owner = db_column_int(query, 3),
        .state = (enum media_state)db_column_int(query, 4),
        .size = db_column_int(query, 5),
        .type = db_column_copy(query, 6, arena),
        .name = db_column_copy(query, 7, arena),
        .hash = db_column_copy(query, 8, arena),
        .created_ms = db_column_int(query, 9),
        .expires_ms = db_column_int(query, 10),
    };
}

int media_find(struct read *r, struct str origin, struct str media_id, struct arena *arena,
               struct media *ret_media, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FIND, DB_PARAMS(DB_BYTES("origin", origin), DB_BYTES("media_id", media_id)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_media = row_of(query, arena);
    return found;
}

int media_load(struct read *r, int64_t id, struct arena *arena, struct media *ret_media,
               struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &BY_ID, DB_PARAMS(DB_INT("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_media = row_of(query, arena);
    return found;
}

static int insert(struct write *w, const struct media *media, enum media_state state,
                  struct err *err)
{
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("id", media->id), DB_BYTES("origin", media->origin),
                  DB_BYTES("media_id", media->media_id), DB_INT("owner", media->owner),
                  DB_INT("state", state), DB_INT("size", media->size),
                  DB_BYTES_OR_NULL("type", media->type), DB_BYTES_OR_NULL("name", media->name),
                  DB_BYTES_OR_NULL("hash", media->hash), DB_INT("created", media->created_ms),
                  DB_INT("expires", media->expires_ms)),
        err);
}

int media_reserve(struct write *w, const struct media *media, struct err *err)
{
    int64_t n = 0;
    if (db_query_int(write_conn(w), &COUNT_RESERVED,
                     DB_PARAMS(DB_INT("owner", media->owner), DB_INT("now", write_time_ms(w))), &n,
                     err) < 0)
        return -1;
    if (n < LIMIT_MEDIA_RESERVED)
        return insert(w, media, MEDIA_RESERVED, err);
    err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many uploads are waiting for their content");
    err->retry_after_ms = 60000;
    return -1;
}

/* ---- contents ---- */

static int usage_add(struct write *w, int64_t owner, int64_t bytes, int64_t files, struct err *err)
{
    if (!owner)
        return 0;
    return db_exec(
        write_conn(w), &USAGE_ADD,
        DB_PARAMS(DB_INT("owner", owner), DB_INT("bytes", bytes), DB_INT("files", files)), err);
}

/* A file that was on its way when its owner's were deleted. */
static int check_owner(struct write *w, const struct media *media, struct err *err)
{
    int64_t one;
    int closed = db_query_int(write_conn(w), &IS_CLOSED, DB_PARAMS(DB_INT("owner", media->owner)),
                              &one, err);
    if (closed == 1)
        return err_client(err, 403, "M_USER_DEACTIVATED", "This account has been closed");
    return closed;
}

static int check_quota(struct write *w, const struct media *media, int64_t quota, struct err *err)
{
    int64_t bytes = 0;
    if (!media->owner || !quota)
        return 0;
    if (db_query_int(write_conn(w), &USAGE_BYTES, DB_PARAMS(DB_INT("owner", media->owner)), &bytes,
                     err) < 0)
        return -1;
    if (media->size <= quota && bytes <= quota - media->size)
        return 0;
    (void)err_client(err, 403, "M_FORBIDDEN", "Your files would take more room than you have");
    return err_reason(err, "media_quota");
}

/* The state that a file with this content begins in. */
static int first_state(struct write *w, const struct media *media, enum media_state *ret_state,
                       struct err *err)
{
    int64_t one;
    int found = db_query_int(write_conn(w), &IS_QUARANTINED,
                             DB_PARAMS(DB_BYTES("hash", media->hash)), &one, err);
    *ret_state = found == 1 ? MEDIA_QUARANTINED : MEDIA_THERE;
    return found < 0 ? -1 : 0;
}

int media_insert(struct write *w, const struct media *media, int64_t quota, struct err *err)
{
    enum media_state state;
    if (check_owner(w, media, err) < 0 || check_quota(w, media, quota, err) < 0 ||
        first_state(w, media, &state, err) < 0)
        return -1;
    if (insert(w, media, state, err) < 0)
        return -1;
    return usage_add(w, media->owner, media->size, 1, err);
}

int media_may_fill(const struct media *media, int64_t now_ms, struct err *err)
{
    if (media->state != MEDIA_RESERVED)
        return err_client(err, 409, "M_CANNOT_OVERWRITE_MEDIA", "This file has been uploaded");
    if (media->expires_ms <= now_ms)
        return err_client(err, 404, "M_NOT_FOUND", "This media id has expired");
    return 0;
}

static int load(struct write *w, int64_t id, struct arena *arena, struct media *ret_media,
                struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(write_conn(w), &BY_ID, DB_PARAMS(DB_INT("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_media = row_of(query, arena);
    return found;
}

int media_fill(struct write *w, const struct media *media, int64_t quota, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct media stored;
    enum media_state state;
    int found = load(w, media->id, arena, &stored, err);
    if (found != 1)
        return found < 0 ? -1 : err_client(err, 404, "M_NOT_FOUND", "Unknown media id");
    if (media_may_fill(&stored, write_time_ms(w), err) < 0 || check_owner(w, &stored, err) < 0 ||
        check_quota(w, media, quota, err) < 0 || first_state(w, media, &state, err) < 0)
        return -1;
    if (db_exec(write_conn(w), &FILL,
                DB_PARAMS(DB_INT("id", media->id), DB_INT("state", state),
                          DB_INT("size", media->size), DB_BYTES_OR_NULL("type", media->type),
                          DB_BYTES_OR_NULL("name", media->name), DB_BYTES("hash", media->hash)),
                err) < 0)
        return -1;
    return usage_add(w, stored.owner, media->size, 1, err);
}

int media_advance(struct write *w, int64_t id, int64_t size, struct err *err)
{
    return db_exec(write_conn(w), &ADVANCE, DB_PARAMS(DB_INT("id", id), DB_INT("size", size)), err);
}

int media_expire(struct write *w, int64_t now_ms, struct err *err)
{
    if (db_exec(write_conn(w), &END, DB_PARAMS(DB_INT("now", now_ms)), err) < 0)
        return -1;
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("now", now_ms)), err);
}

/* ---- taking away ---- */

int media_delete(struct write *w, int64_t id, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct media stored;
    int found = load(w, id, arena, &stored, err);
    if (found != 1 || !stored.hash.p)
        return found < 0 ? -1 : 0;
    if (db_exec(write_conn(w), &EMPTY, DB_PARAMS(DB_INT("id", id)), err) < 0)
        return -1;
    return usage_add(w, stored.owner, -stored.size, -1, err);
}

int media_delete_owner(struct write *w, int64_t owner, struct err *err)
{
    if (db_exec(write_conn(w), &EMPTY_OWNER, DB_PARAMS(DB_INT("owner", owner)), err) < 0 ||
        db_exec(write_conn(w), &UNRESERVE, DB_PARAMS(DB_INT("owner", owner)), err) < 0)
        return -1;
    return db_exec(write_conn(w), &USAGE_DELETE, DB_PARAMS(DB_INT("owner", owner)), err);
}

int media_quarantine(struct write *w, struct str hash, bool quarantined, struct err *err)
{
    return db_exec(write_conn(w), &QUARANTINE,
                   DB_PARAMS(DB_BYTES("hash", hash),
                             DB_INT("state", quarantined ? MEDIA_QUARANTINED : MEDIA_THERE)),
                   err);
}

/* ---- looking ---- */

int media_usage_load(struct read *r, int64_t owner, struct media_usage *ret_usage, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &USAGE, DB_PARAMS(DB_INT("owner", owner)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    *ret_usage = (struct media_usage){0};
    if (found)
        *ret_usage = (struct media_usage){db_column_int(query, 0), db_column_int(query, 1)};
    return 0;
}

int media_names(struct read *r, struct str hash, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &NAMES, DB_PARAMS(DB_BYTES("hash", hash)), &one, err);
}

static int collect(struct db_query *query, struct arena *arena, struct media **ret_rows,
                   size_t *ret_n, struct err *err)
{
    VEC(struct media) rows = {0};
    int more;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows, row_of(query, arena));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int media_list_owner(struct read *r, int64_t owner, int64_t after, size_t limit,
                     struct arena *arena, struct media **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_OWNER,
                 DB_PARAMS(DB_INT("owner", owner), DB_INT("after", after),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return collect(query, arena, ret_rows, ret_n, err);
}

int media_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct media **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return collect(query, arena, ret_rows, ret_n, err);
}
