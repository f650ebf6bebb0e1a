/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_thumbnail.h"

#include "base/vec.h"

#define COLUMNS "id, source, width, height, crop, animated, hash, type, size, failure, made_ms"

static const struct db_stmt FIND = {"media_thumbnail_find",
                                    "SELECT " COLUMNS " FROM media_thumbnail WHERE source = :source"
                                    " AND width = :width AND height = :height AND crop = :crop"
                                    " AND animated = :animated"};
static const struct db_stmt IS_WANTED = {"media_thumbnail_is_wanted",
                                         "SELECT 1 FROM media WHERE hash = :source LIMIT 1"};
static const struct db_stmt INSERT = {
    "media_thumbnail_insert",
    "INSERT INTO media_thumbnail (" COLUMNS ") VALUES (:id, :source, :width, :height, :crop,"
    " :animated, :hash, :type, :size, :failure, :made) ON CONFLICT (source, width, height, crop,"
    " animated) DO UPDATE SET hash = excluded.hash, type = excluded.type, size = excluded.size,"
    " failure = excluded.failure, made_ms = excluded.made_ms"};
static const struct db_stmt NAMES = {"media_thumbnail_names",
                                     "SELECT 1 FROM media_thumbnail WHERE hash = :hash LIMIT 1"};
static const struct db_stmt LIST_SOURCE = {"media_thumbnail_list_source",
                                           "SELECT " COLUMNS " FROM media_thumbnail"
                                           " WHERE source = :source AND hash IS NOT NULL"};
static const struct db_stmt DELETE_SOURCE = {"media_thumbnail_delete_source",
                                             "DELETE FROM media_thumbnail WHERE source = :source"};
static const struct db_stmt LIST = {"media_thumbnail_list",
                                    "SELECT " COLUMNS " FROM media_thumbnail WHERE id > :after"
                                    " AND hash IS NOT NULL ORDER BY id LIMIT :limit"};

static struct media_thumbnail row_of(struct db_query *query, struct arena *arena)
{
    return (struct media_thumbnail){
        .id = db_column_int(query, 0),
        .source = db_column_copy(query, 1, arena),
        .width = db_column_int(query, 2),
        .height = db_column_int(query, 3),
        .crop = db_column_int(query, 4) != 0,
        .animated = db_column_int(query, 5) != 0,
        .hash = db_column_copy(query, 6, arena),
        .type = db_column_copy(query, 7, arena),
        .size = db_column_int(query, 8),
        .failure = db_column_int(query, 9),
        .made_ms = db_column_int(query, 10),
    };
}

int media_thumbnail_find(struct read *r, const struct media_thumbnail *wish, struct arena *arena,
                         struct media_thumbnail *ret_thumbnail, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FIND,
                 DB_PARAMS(DB_BYTES("source", wish->source), DB_INT("width", wish->width),
                           DB_INT("height", wish->height), DB_INT("crop", wish->crop),
                           DB_INT("animated", wish->animated)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_thumbnail = row_of(query, arena);
    return found;
}

/* 1, 0, -1 */
static int is_wanted(struct write *w, struct str source, struct err *err)
{
    int64_t one;
    return db_query_int(write_conn(w), &IS_WANTED, DB_PARAMS(DB_BYTES("source", source)), &one,
                        err);
}

int media_thumbnail_insert(struct write *w, const struct media_thumbnail *thumbnail,
                           struct err *err)
{
    int wanted = is_wanted(w, thumbnail->source, err);
    if (wanted != 1)
        return wanted < 0 ? -1 : err_client(err, 404, "M_NOT_FOUND", "There is no such file");
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("id", thumbnail->id), DB_BYTES("source", thumbnail->source),
                  DB_INT("width", thumbnail->width), DB_INT("height", thumbnail->height),
                  DB_INT("crop", thumbnail->crop), DB_INT("animated", thumbnail->animated),
                  DB_BYTES_OR_NULL("hash", thumbnail->hash),
                  DB_BYTES_OR_NULL("type", thumbnail->type), DB_INT("size", thumbnail->size),
                  DB_INT("failure", thumbnail->failure), DB_INT("made", thumbnail->made_ms)),
        err);
}

int media_thumbnail_names(struct read *r, struct str hash, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &NAMES, DB_PARAMS(DB_BYTES("hash", hash)), &one, err);
}

static int collect(struct db_query *query, struct arena *arena, struct media_thumbnail **ret_rows,
                   size_t *ret_n, struct err *err)
{
    VEC(struct media_thumbnail) rows = {0};
    int more;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows, row_of(query, arena));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int media_thumbnail_list_source(struct read *r, struct str source, struct arena *arena,
                                struct media_thumbnail **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_SOURCE, DB_PARAMS(DB_BYTES("source", source)), &query, err) < 0)
        return -1;
    return collect(query, arena, ret_rows, ret_n, err);
}

int media_thumbnail_delete_source(struct write *w, struct str source, struct err *err)
{
    int wanted = is_wanted(w, source, err);
    if (wanted != 0)
        return wanted < 0 ? -1 : 0;
    return db_exec(write_conn(w), &DELETE_SOURCE, DB_PARAMS(DB_BYTES("source", source)), err);
}

int media_thumbnail_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                         struct media_thumbnail **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return collect(query, arena, ret_rows, ret_n, err);
}
