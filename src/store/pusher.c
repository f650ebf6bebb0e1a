/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/pusher.h"

#include "base/limits.h"
#include "store/membership.h"
#include "store/private.h"

#define COLUMNS                                                                                    \
    "id, user_name, device, kind, app_id, pushkey, app_name, device_name, lang, profile_tag, "     \
    "data,"                                                                                        \
    " made_ms, pos, behind, tries, failing_ms, due_ms, begun"

static const struct db_stmt EXISTS = {"pusher_exists",
                                      "SELECT id FROM pusher WHERE id > 0 ORDER BY id LIMIT 1"};
static const struct db_stmt FIND = {
    "pusher_find", "SELECT " COLUMNS " FROM pusher WHERE app_id = :app_id AND pushkey = :pushkey"
                   " AND user_name = :user"};
static const struct db_stmt FIND_ID = {
    "pusher_find_id", "SELECT id FROM pusher WHERE app_id = :app_id AND pushkey = :pushkey"
                      " AND user_name = :user"};
static const struct db_stmt LOAD = {"pusher_load", "SELECT " COLUMNS " FROM pusher WHERE id = :id"};
static const struct db_stmt LIST = {
    "pusher_list", "SELECT " COLUMNS " FROM pusher WHERE user_name = :user ORDER BY id"};
static const struct db_stmt COUNT = {"pusher_count",
                                     "SELECT count(*) FROM pusher WHERE user_name = :user"};
static const struct db_stmt DUE = {
    "pusher_due",
    "SELECT " COLUMNS " FROM pusher WHERE behind = 1 AND due_ms <= :now AND due_ms >= :after"
    " AND (due_ms > :after OR id > :id) ORDER BY due_ms, id LIMIT :limit"};
static const struct db_stmt NEXT_DUE = {"pusher_next_due",
                                        "SELECT min(due_ms) FROM pusher WHERE behind = 1"};
/* Of the members of a room those who have a pusher: one look at an index for each. */
static const struct db_stmt MEMBERS = {
    "pusher_members", "SELECT m.user_id FROM membership m WHERE m.room = :room"
                      " AND m.membership = :join AND EXISTS"
                      " (SELECT 1 FROM pusher p WHERE p.user_name = m.user_id) ORDER BY m.user_id"};
static const struct db_stmt INSERT = {
    "pusher_insert",
    "INSERT INTO pusher (" COLUMNS ") VALUES (:id, :user, :device, :kind, :app_id, :pushkey,"
    " :app_name, :device_name, :lang, :profile_tag, :data, :made, :pos, 0, 0, 0, 0, 0)"};
static const struct db_stmt UPDATE = {
    "pusher_update",
    "UPDATE pusher SET device = :device, kind = :kind, app_name = :app_name,"
    " device_name = :device_name, lang = :lang, profile_tag = :profile_tag, data = :data,"
    " made_ms = :made, tries = 0, failing_ms = 0, due_ms = 0, begun = 0 WHERE id = :id"};
static const struct db_stmt PROGRESS = {
    "pusher_progress",
    "UPDATE pusher SET pos = :pos, behind = :behind, tries = :tries, failing_ms = :failing,"
    " due_ms = :due, begun = 0 WHERE id = :id AND made_ms = :made"};
static const struct db_stmt PUT_OFF = {
    "pusher_put_off",
    "UPDATE pusher SET due_ms = :due WHERE id {in:ids} AND behind = 1 AND due_ms > 0"};
static const struct db_stmt PUSHER_BEGIN = {"pusher_begin",
                                            "UPDATE pusher SET begun = begun + 1 WHERE id = :id"};
static const struct db_stmt DELETE_OTHERS = {
    "pusher_delete_others", "DELETE FROM pusher WHERE app_id = :app_id AND pushkey = :pushkey"
                            " AND user_name <> :user"};
static const struct db_stmt DELETE = {
    "pusher_delete", "DELETE FROM pusher WHERE app_id = :app_id AND pushkey = :pushkey"
                     " AND user_name = :user"};
static const struct db_stmt DELETE_ID = {"pusher_delete_id",
                                         "DELETE FROM pusher WHERE id = :id AND made_ms = :made"};
static const struct db_stmt DELETE_USER = {"pusher_delete_user",
                                           "DELETE FROM pusher WHERE user_name = :user"};
static const struct db_stmt HAS_DEVICE = {
    "pusher_has_device", "SELECT 1 FROM pusher WHERE device = :device AND device <> 0 LIMIT 1"};
static const struct db_stmt DELETE_DEVICE = {
    "pusher_delete_device", "DELETE FROM pusher WHERE device = :device AND device <> 0"};

static const struct db_stmt CHANGED = {
    "push_progress_changed", "UPDATE push_progress SET generation = generation + 1 WHERE id = 1"};
static const struct db_stmt PUSHING = {
    "push_progress_load",
    "SELECT pos, generation, begun, at_pusher, at_pos FROM push_progress WHERE id = 1"};
static const struct db_stmt BEGIN = {
    "push_progress_begin",
    "UPDATE push_progress SET begun = begun + 1, at_pusher = 0, at_pos = 0 WHERE id = 1"};
static const struct db_stmt SET_POS = {"push_progress_set_pos",
                                       "UPDATE push_progress SET pos = :pos WHERE id = 1"};
static const struct db_stmt SET_AT = {
    "push_progress_set_at",
    "UPDATE push_progress SET at_pusher = :pusher, at_pos = :pos WHERE id = 1"};
static const struct db_stmt SET_PAST = {
    "push_progress_set_past",
    "UPDATE push_progress SET begun = 1, at_pusher = 0, at_pos = 0 WHERE id = 1"};
static const struct db_stmt END = {
    "push_progress_end",
    "UPDATE push_progress SET pos = :pos, begun = 0, at_pusher = 0, at_pos = 0 WHERE id = 1"};
static const struct db_stmt END_PUSHERS = {
    "push_progress_end_pushers", "UPDATE pusher SET begun = 0 WHERE behind = 1 AND begun > 0"};
static const struct db_stmt SUSPECT = {
    "push_suspect_put", "INSERT INTO push_suspect (pusher, pos, crashes) VALUES (:pusher, :pos, 1)"
                        " ON CONFLICT (pusher, pos) DO UPDATE SET crashes ="
                        " push_suspect.crashes + 1"};
static const struct db_stmt SUSPECTS = {
    "push_suspect_list", "SELECT pusher, pos, crashes FROM push_suspect ORDER BY pusher, pos"};
static const struct db_stmt CLEAR_SUSPECTS = {"push_suspect_clear", "DELETE FROM push_suspect"};

/* ---- writing ---- */

static int changed(struct write *w, struct err *err)
{
    return db_exec(write_conn(w), &CHANGED, DB_NO_PARAMS, err);
}

static int insert(struct write *w, const struct pusher *pusher, struct err *err)
{
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("id", pusher->id), DB_INT("user", pusher->user),
                  DB_INT("device", pusher->device), DB_INT("kind", pusher->kind),
                  DB_BYTES("app_id", pusher->app_id), DB_BYTES("pushkey", pusher->pushkey),
                  DB_BYTES("app_name", pusher->app_name),
                  DB_BYTES("device_name", pusher->device_name), DB_BYTES("lang", pusher->lang),
                  DB_BYTES_OR_NULL("profile_tag", pusher->profile_tag),
                  DB_BYTES("data", pusher->data), DB_INT("made", write_time_ms(w)),
                  DB_INT("pos", w->pos)),
        err);
}

static int update(struct write *w, int64_t id, const struct pusher *pusher, struct err *err)
{
    return db_exec(write_conn(w), &UPDATE,
                   DB_PARAMS(DB_INT("id", id), DB_INT("device", pusher->device),
                             DB_INT("kind", pusher->kind), DB_BYTES("app_name", pusher->app_name),
                             DB_BYTES("device_name", pusher->device_name),
                             DB_BYTES("lang", pusher->lang),
                             DB_BYTES_OR_NULL("profile_tag", pusher->profile_tag),
                             DB_BYTES("data", pusher->data), DB_INT("made", write_time_ms(w))),
                   err);
}

/* The first of all: the log is followed from here. */
static int provide_start(struct write *w, struct err *err)
{
    int64_t one;
    int found = db_query_int(write_conn(w), &EXISTS, DB_NO_PARAMS, &one, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    return push_progress_set_pos(w, w->pos, err);
}

static int delete_others(struct write *w, const struct pusher *pusher, struct err *err)
{
    return db_exec(write_conn(w), &DELETE_OTHERS,
                   DB_PARAMS(DB_BYTES("app_id", pusher->app_id),
                             DB_BYTES("pushkey", pusher->pushkey), DB_INT("user", pusher->user)),
                   err);
}

int pusher_put(struct write *w, const struct pusher *pusher, bool others, struct err *err)
{
    int64_t id, n = 0;
    int found =
        db_query_int(write_conn(w), &FIND_ID,
                     DB_PARAMS(DB_BYTES("app_id", pusher->app_id),
                               DB_BYTES("pushkey", pusher->pushkey), DB_INT("user", pusher->user)),
                     &id, err);
    if (found == 0 &&
        db_query_int(write_conn(w), &COUNT, DB_PARAMS(DB_INT("user", pusher->user)), &n, err) < 0)
        return -1;
    if (found < 0)
        return -1;
    if (n >= LIMIT_PUSHERS)
        return err_client(err, 400, "M_TOO_LARGE", "An account has at most %d pushers",
                          LIMIT_PUSHERS);
    if (provide_start(w, err) < 0 || (others && delete_others(w, pusher, err) < 0))
        return -1;
    if (found ? update(w, id, pusher, err) < 0 : insert(w, pusher, err) < 0)
        return -1;
    return changed(w, err);
}

int pusher_delete(struct write *w, int64_t user, struct str app_id, struct str pushkey,
                  struct err *err)
{
    if (db_exec(write_conn(w), &DELETE,
                DB_PARAMS(DB_BYTES("app_id", app_id), DB_BYTES("pushkey", pushkey),
                          DB_INT("user", user)),
                err) < 0)
        return -1;
    return changed(w, err);
}

int pusher_delete_id(struct write *w, const struct pusher *pusher, struct err *err)
{
    if (db_exec_expect(write_conn(w), &DELETE_ID,
                       DB_PARAMS(DB_INT("id", pusher->id), DB_INT("made", pusher->made_ms)), 1,
                       err) < 0)
        return -1;
    return changed(w, err);
}

int pusher_delete_device(struct write *w, int64_t device, struct err *err)
{
    int64_t one;
    int found =
        db_query_int(write_conn(w), &HAS_DEVICE, DB_PARAMS(DB_INT("device", device)), &one, err);
    if (found <= 0)
        return found;
    if (db_exec(write_conn(w), &DELETE_DEVICE, DB_PARAMS(DB_INT("device", device)), err) < 0)
        return -1;
    return changed(w, err);
}

int pusher_delete_user(struct write *w, int64_t user, struct err *err)
{
    if (db_exec(write_conn(w), &DELETE_USER, DB_PARAMS(DB_INT("user", user)), err) < 0)
        return -1;
    return changed(w, err);
}

int pusher_begin(struct write *w, int64_t id, struct err *err)
{
    return db_exec(write_conn(w), &PUSHER_BEGIN, DB_PARAMS(DB_INT("id", id)), err);
}

int pusher_set_progress(struct write *w, const struct pusher *pusher, struct err *err)
{
    return db_exec_expect(write_conn(w), &PROGRESS,
                          DB_PARAMS(DB_INT("id", pusher->id), DB_INT("made", pusher->made_ms),
                                    DB_INT("pos", pusher->pos), DB_INT("behind", pusher->behind),
                                    DB_INT("tries", pusher->tries),
                                    DB_INT("failing", pusher->failing_ms),
                                    DB_INT("due", pusher->due_ms)),
                          1, err);
}

int pusher_put_off(struct write *w, const int64_t *ids, size_t n, int64_t due_ms, struct err *err)
{
    return db_exec(write_conn(w), &PUT_OFF,
                   DB_PARAMS(DB_INT("due", due_ms), DB_INT_LIST("ids", ids, n)), err);
}

/* ---- reading ---- */

static struct pusher row_of(struct db_query *query, struct arena *arena)
{
    return (struct pusher){
        .id = db_column_int(query, 0),
        .user = db_column_int(query, 1),
        .device = db_column_int(query, 2),
        .kind = (enum pusher_kind)db_column_int(query, 3),
        .app_id = db_column_copy(query, 4, arena),
        .pushkey = db_column_copy(query, 5, arena),
        .app_name = db_column_copy(query, 6, arena),
        .device_name = db_column_copy(query, 7, arena),
        .lang = db_column_copy(query, 8, arena),
        .profile_tag = db_column_copy(query, 9, arena),
        .data = db_column_copy(query, 10, arena),
        .made_ms = db_column_int(query, 11),
        .pos = db_column_int(query, 12),
        .behind = db_column_int(query, 13) != 0,
        .tries = db_column_int(query, 14),
        .failing_ms = db_column_int(query, 15),
        .due_ms = db_column_int(query, 16),
        .begun = db_column_int(query, 17),
    };
}

static int load_one(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct arena *arena, struct pusher *ret_pusher,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, stmt, params, n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_pusher = row_of(query, arena);
    return found;
}

int pusher_load(struct read *r, int64_t id, struct arena *arena, struct pusher *ret_pusher,
                struct err *err)
{
    return load_one(r, &LOAD, DB_PARAMS(DB_INT("id", id)), arena, ret_pusher, err);
}

int pusher_find(struct read *r, int64_t user, struct str app_id, struct str pushkey,
                struct arena *arena, struct pusher *ret_pusher, struct err *err)
{
    return load_one(
        r, &FIND,
        DB_PARAMS(DB_BYTES("app_id", app_id), DB_BYTES("pushkey", pushkey), DB_INT("user", user)),
        arena, ret_pusher, err);
}

static int load_all(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct arena *arena, struct pusher **ret_pushers,
                    size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct pusher) pushers = {0};
    int more;
    if (read_query(r, stmt, params, n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &pushers, row_of(query, arena));
    *ret_pushers = pushers.p;
    *ret_n = pushers.n;
    return more;
}

int pusher_list(struct read *r, int64_t user, struct arena *arena, struct pusher **ret_pushers,
                size_t *ret_n, struct err *err)
{
    return load_all(r, &LIST, DB_PARAMS(DB_INT("user", user)), arena, ret_pushers, ret_n, err);
}

int pusher_list_due(struct read *r, int64_t now_ms, const struct pusher_mark *after, size_t limit,
                    struct arena *arena, struct pusher **ret_pushers, size_t *ret_n,
                    struct err *err)
{
    return load_all(r, &DUE,
                    DB_PARAMS(DB_INT("now", now_ms), DB_INT("after", after->due_ms),
                              DB_INT("id", after->id), DB_INT("limit", (int64_t)limit)),
                    arena, ret_pushers, ret_n, err);
}

int pusher_next_due(struct read *r, int64_t *ret_due_ms, struct err *err)
{
    return read_next_due(r, &NEXT_DUE, DB_NO_PARAMS, ret_due_ms, err);
}

int pusher_list_members(struct read *r, int64_t room, struct arena *arena, int64_t **ret_users,
                        size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) users = {0};
    int more;
    if (read_query(r, &MEMBERS, DB_PARAMS(DB_INT("room", room), DB_INT("join", MEMBERSHIP_JOIN)),
                   &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &users, db_column_int(query, 0));
    *ret_users = users.p;
    *ret_n = users.n;
    return more;
}

int pusher_exists(struct read *r, struct err *err)
{
    int64_t one;
    return read_query_int(r, &EXISTS, DB_NO_PARAMS, &one, err);
}

/* ---- how far ---- */

static int load_progress(struct db_conn *conn, struct push_progress *ret_progress, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &PUSHING, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1)
        return found < 0 ? -1 : err_internal(err, "the row of the pushes is not there");
    *ret_progress = (struct push_progress){
        .pos = db_column_int(query, 0),
        .generation = db_column_int(query, 1),
        .begun = db_column_int(query, 2),
        .at_pusher = db_column_int(query, 3),
        .at_pos = db_column_int(query, 4),
    };
    return 0;
}

int push_progress_load(struct read *r, struct push_progress *ret_progress, struct err *err)
{
    struct db_conn *conn;
    return read_conn(r, &conn, err) < 0 ? -1 : load_progress(conn, ret_progress, err);
}

int push_progress_begin(struct write *w, struct push_progress *ret_progress, struct err *err)
{
    if (load_progress(write_conn(w), ret_progress, err) < 0)
        return -1;
    if (ret_progress->at_pos && db_exec(write_conn(w), &SUSPECT,
                                        DB_PARAMS(DB_INT("pusher", ret_progress->at_pusher),
                                                  DB_INT("pos", ret_progress->at_pos)),
                                        err) < 0)
        return -1;
    return db_exec(write_conn(w), &BEGIN, DB_NO_PARAMS, err);
}

int push_progress_set_pos(struct write *w, int64_t pos, struct err *err)
{
    return db_exec(write_conn(w), &SET_POS, DB_PARAMS(DB_INT("pos", pos)), err);
}

int push_progress_set_at(struct write *w, int64_t pusher, int64_t pos, struct err *err)
{
    return db_exec(write_conn(w), &SET_AT, DB_PARAMS(DB_INT("pusher", pusher), DB_INT("pos", pos)),
                   err);
}

int push_progress_set_past(struct write *w, struct err *err)
{
    if (db_exec(write_conn(w), &CLEAR_SUSPECTS, DB_NO_PARAMS, err) < 0)
        return -1;
    return db_exec(write_conn(w), &SET_PAST, DB_NO_PARAMS, err);
}

int push_progress_end(struct write *w, int64_t pos, struct err *err)
{
    if (db_exec(write_conn(w), &END_PUSHERS, DB_NO_PARAMS, err) < 0)
        return -1;
    return db_exec(write_conn(w), &END, DB_PARAMS(DB_INT("pos", pos)), err);
}

int push_suspect_list(struct read *r, struct arena *arena, struct push_suspect **ret_suspects,
                      size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct push_suspect) suspects = {0};
    int more;
    if (read_query(r, &SUSPECTS, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &suspects,
                      (struct push_suspect){db_column_int(query, 0), db_column_int(query, 1),
                                            db_column_int(query, 2)});
    *ret_suspects = suspects.p;
    *ret_n = suspects.n;
    return more;
}
