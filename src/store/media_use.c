/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_use.h"

#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "crypto/hash.h"
#include "matrix/named_files.h"
#include "store/media.h"
#include "store/private.h"

static const struct db_stmt LOAD_MARK = {
    "media_use_mark",
    "SELECT pos FROM media_use_mark WHERE id = 1",
};
static const struct db_stmt SAVE_MARK = {
    "media_use_mark_save",
    "UPDATE media_use_mark SET pos = :pos WHERE id = 1",
};
static const struct db_stmt LIST_LOG = {
    "media_use_log",
    "SELECT log.pos, event.id, event.json FROM log"
    " LEFT JOIN event ON event.id = log.ref AND log.kind = 1"
    " WHERE log.pos > :after ORDER BY log.pos LIMIT :limit",
};
static const struct db_stmt PUT = {
    "media_use_put",
    "INSERT INTO media_use (media, event) SELECT id, :event FROM media"
    " WHERE origin = :origin AND media_id = :media_id ON CONFLICT (media, event) DO NOTHING",
};
static const struct db_stmt DOOM = {
    "media_use_doom",
    "INSERT INTO media_doomed (media) SELECT DISTINCT media FROM media_use"
    " WHERE event {in:events} ON CONFLICT (media) DO NOTHING",
};
static const struct db_stmt FORGET = {
    "media_use_forget",
    "DELETE FROM media_use WHERE event {in:events}",
};
static const struct db_stmt LIST = {
    "media_use_list",
    "SELECT media, 1 FROM media_doomed WHERE media > :after ORDER BY media LIMIT :limit",
};
static const struct db_stmt IS_NAMED = {
    "media_use_named",
    "SELECT 1 FROM media_use WHERE media = :media LIMIT 1",
};
static const struct db_stmt LOAD = {
    "media_use_load",
    "SELECT media_id, owner, hash FROM media WHERE id = :media AND state = 1",
};
static const struct db_stmt IS_PICTURE = {
    "media_use_picture",
    "SELECT 1 FROM account WHERE user_name = :owner AND avatar_url = :uri",
};
static const struct db_stmt IS_HELD = {
    "hold_covers_owner",
    "SELECT 1 FROM hold WHERE target = :owner LIMIT 1",
};
static const struct db_stmt MAY_BE_HELD = {
    "hold_may_cover_files",
    "SELECT 1 FROM hold WHERE target = :owner"
    " OR EXISTS (SELECT 1 FROM membership WHERE membership.user_id = :owner"
    " AND membership.room = hold.target)"
    " OR EXISTS (SELECT 1 FROM membership theirs JOIN membership own ON own.user_id = :owner"
    " AND own.room = theirs.room WHERE theirs.user_id = hold.target) LIMIT 1",
};
static const struct db_stmt SETTLE = {
    "media_use_settle",
    "DELETE FROM media_doomed WHERE media = :media",
};
static const struct db_stmt LIST_AGED = {
    "media_use_aged",
    "SELECT id, CASE WHEN state = 1 AND created_ms < :before AND"
    " (SELECT event FROM media_use WHERE media_use.media = media.id LIMIT 1) IS NULL"
    " THEN 1 ELSE 0 END"
    " FROM media WHERE id > :after ORDER BY id LIMIT :limit",
};

/* ---- names of files in a text ---- */

struct use {
    int64_t event;
    struct str media_id;
};
typedef VEC(struct use) use_vec;

/* Copies, in the arena. */
static void find_uses(struct str json, int64_t event, struct str server_name, struct arena *arena,
                      use_vec *uses)
{
    struct str id;
    for (size_t i = 0; i < LIMIT_MEDIA_USES && (id = named_files_next(&json, server_name)).n; i++)
        ARENA_VEC_ADD(arena, uses, ((struct use){event, arena_str(arena, id)}));
}

/* ---- following the log ---- */

/* Reads on from the mark. */
static int read_log(struct write *w, int64_t mark, size_t limit, struct str server_name,
                    use_vec *uses, int64_t *ret_to, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    size_t n = 0;
    int more;
    *ret_to = mark;
    if (db_query(w->conn, &LIST_LOG,
                 DB_PARAMS(DB_INT("after", mark), DB_INT("limit", (int64_t)limit)), &query,
                 err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        *ret_to = db_column_int(query, 0);
        find_uses(db_column_bytes(query, 2), db_column_int(query, 1), server_name, w->arena, uses);
        n++;
    }
    *ret_n = n;
    return more;
}

static int put(struct write *w, const use_vec *uses, struct err *err)
{
    for (size_t i = 0; i < uses->n; i++)
        if (db_exec(w->conn, &PUT,
                    DB_PARAMS(DB_BYTES("origin", STR("")),
                              DB_BYTES("media_id", uses->p[i].media_id),
                              DB_INT("event", uses->p[i].event)),
                    err) < 0)
            return -1;
    return 0;
}

static int load_mark(struct db_conn *conn, int64_t *ret_pos, struct err *err)
{
    int found = db_query_int(conn, &LOAD_MARK, DB_NO_PARAMS, ret_pos, err);
    if (found == 0)
        return err_internal(err, "the mark of the uses of files is not there");
    return found < 0 ? -1 : 0;
}

int media_use_is_behind(struct read *r, struct err *err)
{
    struct db_conn *conn;
    int64_t mark;
    if (read_conn(r, &conn, err) < 0 || load_mark(conn, &mark, err) < 0)
        return -1;
    return mark < r->head.pos;
}

int media_use_follow(struct write *w, struct str server_name, size_t limit, bool *ret_more,
                     struct err *err)
{
    use_vec uses = {0};
    int64_t mark, to;
    size_t n;
    if (write_flush(w, err) < 0 || load_mark(w->conn, &mark, err) < 0 ||
        read_log(w, mark, limit, server_name, &uses, &to, &n, err) < 0 || put(w, &uses, err) < 0)
        return -1;
    *ret_more = n == limit;
    return to > mark ? db_exec_expect(w->conn, &SAVE_MARK, DB_PARAMS(DB_INT("pos", to)), 1, err)
                     : 0;
}

int media_use_end(struct write *w, const struct event *event, struct str server_name,
                  struct err *err)
{
    use_vec uses = {0};
    find_uses(event->json, event->id, server_name, w->arena, &uses);
    return put(w, &uses, err);
}

int media_use_doom(struct write *w, const int64_t *events, size_t n, struct err *err)
{
    if (db_exec(w->conn, &DOOM, DB_PARAMS(DB_INT_LIST("events", events, n)), err) < 0)
        return -1;
    return db_exec(w->conn, &FORGET, DB_PARAMS(DB_INT_LIST("events", events, n)), err);
}

/* ---- judging ---- */

/* Rows of a file and whether it is wanted. *ret_last: of all rows, 0 when there is none. */
static int list(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                size_t n_params, struct arena *arena, int64_t **ret_media, size_t *ret_n,
                int64_t *ret_last, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) media = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    *ret_last = 0;
    while ((more = db_step(query, err)) == 1) {
        *ret_last = db_column_int(query, 0);
        if (db_column_int(query, 1))
            ARENA_VEC_ADD(arena, &media, *ret_last);
    }
    *ret_media = media.p;
    *ret_n = media.n;
    return more;
}

int media_use_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                   int64_t **ret_media, size_t *ret_n, struct err *err)
{
    int64_t last;
    return list(r, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)), arena,
                ret_media, ret_n, &last, err);
}

struct file {
    int64_t owner;
    struct str uri;
};

static int load_file(struct write *w, struct media_judgement *judgement, struct file *ret_file,
                     struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(w->conn, &LOAD, DB_PARAMS(DB_INT("media", judgement->media)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    struct str hash = found == 1 ? db_column_bytes(query, 2) : STR("");
    if (found != 1 || hash.n != sizeof judgement->hash)
        return found < 0 ? -1 : 0;
    memcpy(judgement->hash, hash.p, hash.n);
    ret_file->owner = db_column_int(query, 1);
    ret_file->uri = arena_printf(w->arena, "mxc://%.*s/%.*s", STR_ARG(judgement->server_name),
                                 STR_ARG(db_column_bytes(query, 0)));
    return 1;
}

/* 1, 0, -1. */
static int ask(struct write *w, const struct db_stmt *stmt, const struct db_param *params, size_t n,
               struct err *err)
{
    int64_t one;
    return db_query_int(w->conn, stmt, params, n, &one, err);
}

/* 1 it is somebody's business still, 0, -1. */
static int is_wanted(struct write *w, const struct media_judgement *judgement,
                     const struct file *file, struct err *err)
{
    int named = ask(w, &IS_NAMED, DB_PARAMS(DB_INT("media", judgement->media)), err);
    if (named != 0)
        return named;
    return ask(w, &IS_PICTURE, DB_PARAMS(DB_INT("owner", file->owner), DB_BYTES("uri", file->uri)),
               err);
}

int media_use_judge(struct write *w, struct media_judgement *judgement, struct err *err)
{
    struct file file;
    judgement->deleted = judgement->again = false;
    if (media_use_follow(w, judgement->server_name, LIMIT_MEDIA_ROUND, &judgement->again, err) < 0)
        return -1;
    int found = judgement->again ? 0 : load_file(w, judgement, &file, err);
    if (found < 0 || judgement->again)
        return found;
    int wanted = found ? is_wanted(w, judgement, &file, err) : 1;
    int held = wanted == 0  ? ask(w, judgement->aged ? &MAY_BE_HELD : &IS_HELD,
                                  DB_PARAMS(DB_INT("owner", file.owner)), err)
               : wanted < 0 ? -1
                            : 0;
    if (held != 0)
        return held < 0 ? -1 : 0;
    judgement->deleted = wanted == 0;
    if (judgement->deleted && media_delete(w, judgement->media, err) < 0)
        return -1;
    return db_exec(w->conn, &SETTLE, DB_PARAMS(DB_INT("media", judgement->media)), err);
}

int media_use_list_aged(struct read *r, int64_t before_ms, int64_t after, size_t limit,
                        struct arena *arena, int64_t **ret_media, size_t *ret_n, int64_t *ret_next,
                        struct err *err)
{
    return list(r, &LIST_AGED,
                DB_PARAMS(DB_INT("before", before_ms), DB_INT("after", after),
                          DB_INT("limit", (int64_t)limit)),
                arena, ret_media, ret_n, ret_next, err);
}
