/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/device_list.h"

#include "base/int_set.h"
#include "base/limits.h"
#include "base/vec.h"
#include "store/membership.h"
#include "store/room.h"

/* A window of the log that is read as it is: cheaper than asking for each room of the reader. */
#define WINDOW_SMALL 512

#define JOINED DB_INT("join", MEMBERSHIP_JOIN)

/* ROOM_ENCRYPTED is looked at in the flags. */
static const struct db_stmt ROOMS = {
    "device_list_rooms",
    "SELECT r.id, r.flags FROM membership m, room r WHERE m.user_id = :user AND m.membership = "
    ":join"
    " AND r.id = m.room ORDER BY r.id",
};
static const struct db_stmt ROWS_WINDOW = {
    "device_list_rows_window",
    "SELECT room, user_id, ref, pos FROM log WHERE pos > :after AND pos <= :upto AND kind = 6"
    " ORDER BY pos",
};
static const struct db_stmt ROWS_ROOMS = {
    "device_list_rows_rooms",
    "SELECT room, user_id, ref, pos FROM log WHERE kind = 6 AND room {in:rooms} AND pos > :after"
    " AND pos <= :upto ORDER BY pos",
};
static const struct db_stmt ROWS_USER = {
    "device_list_rows_user",
    "SELECT room, user_id, ref, pos FROM log WHERE user_id = :user AND user_id <> 0 AND kind = 6"
    " AND pos > :after AND pos <= :upto ORDER BY pos",
};
static const struct db_stmt MEMBERS = {
    "device_list_members",
    "SELECT user_id FROM membership WHERE room = :room AND membership = :join AND pos <= :upto",
};
static const struct db_stmt SHARING = {
    "device_list_sharing",
    "SELECT DISTINCT user_id FROM membership WHERE user_id {in:users} AND room {in:rooms}"
    " AND membership = :join ORDER BY user_id",
};

/* ---- writing ---- */

static int list_encrypted(struct db_conn *conn, int64_t user, struct arena *arena,
                          int64_t **ret_rooms, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) rooms = {0};
    int more;
    if (db_query(conn, &ROOMS, DB_PARAMS(DB_INT("user", user), JOINED), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        if (db_column_int(query, 1) & ROOM_ENCRYPTED)
            ARENA_VEC_ADD(arena, &rooms, db_column_int(query, 0));
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}

int device_list_changed(struct write *w, int64_t user, int64_t device, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    int64_t *rooms, pos;
    size_t n;
    if (list_encrypted(write_conn(w), user, arena, &rooms, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (write_position(w, LOG_KIND_DEVICE_LIST, rooms[i], user, device, &pos, err) < 0)
            return -1;
    return write_position(w, LOG_KIND_DEVICE_LIST, 0, user, device, &pos, err);
}

int device_list_signed(struct write *w, int64_t user, int64_t target, struct err *err)
{
    int64_t pos;
    return write_position(w, LOG_KIND_DEVICE_LIST, 0, user, -target, &pos, err);
}

int device_list_room_changed(struct write *w, int64_t room, int64_t user, int64_t what,
                             struct err *err)
{
    int64_t pos;
    return write_position(w, LOG_KIND_DEVICE_LIST, room, user, what, &pos, err);
}

/* ---- reading ---- */

struct row {
    int64_t room, user, ref, pos;
};

/* What is gathered about others on the way to an answer. A user may be there several times. */
struct gathering {
    struct read *r;
    struct arena *arena;
    int64_t reader;
    int64_t *rooms; /* encrypted, joined now; sorted */
    size_t n_rooms;
    VEC(int64_t) changed; /* maybe */
    VEC(int64_t) gone;    /* maybe: has left a room, or the reader has */
    VEC(int64_t) told;    /* certainly changed: the reader himself, and whom he has signed */
};

static int add_rows(struct gathering *g, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct row) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(g->r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct row row = {db_column_int(query, 0), db_column_int(query, 1), db_column_int(query, 2),
                          db_column_int(query, 3)};
        ARENA_VEC_ADD(g->arena, &rows, row);
    }
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

/* Who is in the room now and was there at `upto`. */
static int add_members(struct gathering *g, int64_t room, int64_t upto, bool gone, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    int more;
    if (read_conn(g->r, &conn, err) < 0 ||
        db_query(conn, &MEMBERS, DB_PARAMS(DB_INT("room", room), DB_INT("upto", upto), JOINED),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        int64_t user = db_column_int(query, 0);
        if (user == g->reader)
            continue;
        if (gone)
            ARENA_VEC_ADD(g->arena, &g->gone, user);
        else
            ARENA_VEC_ADD(g->arena, &g->changed, user);
    }
    return more;
}

/* A row of the reader's own. */
static int take_own(struct gathering *g, const struct row *row, struct err *err)
{
    if (row->room == 0)
        ARENA_VEC_ADD(g->arena, &g->told, row->ref < 0 ? -row->ref : g->reader);
    else if (row->ref == DEVICE_LIST_JOINED && int_set_contains(g->rooms, g->n_rooms, row->room))
        return add_members(g, row->room, INT64_MAX, false, err);
    else if (row->ref == DEVICE_LIST_LEFT)
        return add_members(g, row->room, row->pos, true, err);
    return 0;
}

/* A row of a room that the reader is in. */
static int take_room(struct gathering *g, const struct row *row, struct err *err)
{
    if (row->ref == DEVICE_LIST_ENCRYPTED)
        return add_members(g, row->room, INT64_MAX, false, err);
    if (row->user == g->reader)
        return 0;
    if (row->ref == DEVICE_LIST_LEFT)
        ARENA_VEC_ADD(g->arena, &g->gone, row->user);
    else
        ARENA_VEC_ADD(g->arena, &g->changed, row->user);
    return 0;
}

static int take_rows(struct gathering *g, const struct row *rows, size_t n, bool own,
                     struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        if (own && row->user == g->reader && take_own(g, row, err) < 0)
            return -1;
        if (row->room && int_set_contains(g->rooms, g->n_rooms, row->room) &&
            take_room(g, row, err) < 0)
            return -1;
    }
    return 0;
}

static int load_rooms(struct gathering *g, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(g->r, &conn, err) < 0)
        return -1;
    return list_encrypted(conn, g->reader, g->arena, &g->rooms, &g->n_rooms, err);
}

static int gather_window(struct gathering *g, struct db_param after, struct db_param upto,
                         struct err *err)
{
    struct row *rows;
    size_t n;
    if (add_rows(g, &ROWS_WINDOW, DB_PARAMS(after, upto), &rows, &n, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    if (load_rooms(g, err) < 0)
        return -1;
    return take_rows(g, rows, n, true, err);
}

static int gather_rooms(struct gathering *g, struct db_param after, struct db_param upto,
                        struct err *err)
{
    struct row *rows, *own;
    size_t n, n_own;
    if (load_rooms(g, err) < 0 ||
        add_rows(g, &ROWS_USER, DB_PARAMS(DB_INT("user", g->reader), after, upto), &own, &n_own,
                 err) < 0 ||
        add_rows(g, &ROWS_ROOMS, DB_PARAMS(DB_INT_LIST("rooms", g->rooms, g->n_rooms), after, upto),
                 &rows, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n_own; i++)
        if (take_own(g, &own[i], err) < 0)
            return -1;
    return take_rows(g, rows, n, false, err);
}

/* Of all that were gathered, those who share an encrypted room with the reader now; sorted. */
static int list_sharing(struct gathering *g, int64_t **ret_users, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) all = {0}, sharing = {0};
    struct db_conn *conn;
    int more;
    for (size_t i = 0; i < g->changed.n; i++)
        ARENA_VEC_ADD(g->arena, &all, g->changed.p[i]);
    for (size_t i = 0; i < g->gone.n; i++)
        ARENA_VEC_ADD(g->arena, &all, g->gone.p[i]);
    all.n = int_set_make(all.p, all.n);
    if (read_conn(g->r, &conn, err) < 0 ||
        db_query(conn, &SHARING,
                 DB_PARAMS(DB_INT_LIST("users", all.p, all.n),
                           DB_INT_LIST("rooms", g->rooms, g->n_rooms), JOINED),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(g->arena, &sharing, db_column_int(query, 0));
    *ret_users = sharing.p;
    *ret_n = sharing.n;
    return more;
}

/* Who changed and does not share a room any more has left. Who only left one room of several is
 * neither. */
static int settle(struct gathering *g, struct device_list_changes *ret_changes, struct err *err)
{
    VEC(int64_t) changed = {0}, left = {0};
    int64_t *sharing = NULL;
    size_t n_sharing = 0;
    if (g->changed.n + g->gone.n && list_sharing(g, &sharing, &n_sharing, err) < 0)
        return -1;
    for (size_t i = 0; i < g->changed.n; i++)
        if (int_set_contains(sharing, n_sharing, g->changed.p[i]))
            ARENA_VEC_ADD(g->arena, &changed, g->changed.p[i]);
        else
            ARENA_VEC_ADD(g->arena, &left, g->changed.p[i]);
    for (size_t i = 0; i < g->gone.n; i++)
        if (!int_set_contains(sharing, n_sharing, g->gone.p[i]))
            ARENA_VEC_ADD(g->arena, &left, g->gone.p[i]);
    for (size_t i = 0; i < g->told.n; i++)
        ARENA_VEC_ADD(g->arena, &changed, g->told.p[i]);
    *ret_changes = (struct device_list_changes){
        .changed = changed.p,
        .n_changed = int_set_make(changed.p, changed.n),
        .left = left.p,
        .n_left = int_set_make(left.p, left.n),
    };
    return 0;
}

int device_list_changes(struct read *r, int64_t user, int64_t after, int64_t upto,
                        struct arena *arena, struct device_list_changes *ret_changes,
                        struct err *err)
{
    struct gathering g = {.r = r, .arena = arena, .reader = user};
    struct db_param after_param = DB_INT("after", after), upto_param = DB_INT("upto", upto);
    *ret_changes = (struct device_list_changes){0};
    if (upto <= after)
        return 0;
    int status = upto - after <= WINDOW_SMALL ? gather_window(&g, after_param, upto_param, err)
                                              : gather_rooms(&g, after_param, upto_param, err);
    return status < 0 ? -1 : settle(&g, ret_changes, err);
}
