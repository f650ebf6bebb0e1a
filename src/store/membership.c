/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/membership.h"

#include "store/private.h"

#define MEMBERSHIP_COLUMNS "user_id, room, membership, event, sender, pos, flags"

static const struct db_stmt MEMBERSHIP_PUT = {
    "membership_put",
    "INSERT INTO membership (" MEMBERSHIP_COLUMNS ")"
    " VALUES (:user_id, :room, :membership, :event, :sender, :pos, :flags)"
    " ON CONFLICT (user_id, room) DO UPDATE SET membership = excluded.membership,"
    " event = excluded.event, sender = excluded.sender, pos = excluded.pos,"
    " flags = excluded.flags",
};
static const struct db_stmt MEMBERSHIP_FORGET = {
    "membership_forget",
    "UPDATE membership SET flags = flags | :forgotten WHERE user_id = :user_id AND room = :room",
};
static const struct db_stmt MEMBERSHIP_KIND = {
    "membership_kind",
    "SELECT membership FROM membership WHERE user_id = :user_id AND room = :room",
};
static const struct db_stmt MEMBERSHIP_LOAD = {
    "membership_load",
    "SELECT " MEMBERSHIP_COLUMNS " FROM membership WHERE user_id = :user_id AND room = :room",
};
static const struct db_stmt MEMBERSHIP_ROOMS = {
    "membership_rooms",
    "SELECT " MEMBERSHIP_COLUMNS " FROM membership WHERE user_id = :user_id ORDER BY room",
};
static const struct db_stmt MEMBERSHIP_WITH_ROOMS = {
    "membership_with_rooms",
    "SELECT m.user_id, m.room, m.membership, m.event, m.sender, m.pos, m.flags, r.pos, r.flags,"
    " r.create_event FROM membership m JOIN room r ON r.id = m.room WHERE m.user_id = :user_id"
    " ORDER BY m.room",
};
static const struct db_stmt MEMBERSHIP_USERS = {
    "membership_users",
    "SELECT " MEMBERSHIP_COLUMNS " FROM membership"
    " WHERE room = :room AND membership = :membership AND user_id > :after"
    " ORDER BY user_id LIMIT :limit",
};
static const struct db_stmt MEMBERSHIP_NEWEST = {
    "membership_newest",
    "SELECT max(CASE WHEN m.membership = :join THEN r.pos ELSE m.pos END)"
    " FROM membership m JOIN room r ON r.id = m.room"
    " WHERE m.user_id = :user_id AND m.membership IN (:join, :invite)",
};
static const struct db_stmt MEMBERSHIP_SHARED = {
    "membership_shared",
    "SELECT a.room FROM membership a, membership b WHERE a.user_id = :user_id"
    " AND a.membership = :join AND b.user_id = :other AND b.room = a.room"
    " AND b.membership = :join"
    " ORDER BY a.room",
};
static const struct db_stmt MEMBERSHIP_FAMILIAR = {
    "membership_familiar",
    "SELECT DISTINCT b.user_id FROM membership a JOIN room r ON r.id = a.room"
    " JOIN membership b ON b.room = a.room"
    " WHERE a.user_id = :user_id AND a.membership = :join AND r.joined <= :most"
    " AND b.user_id {in:others} AND b.membership = :join",
};

int membership_put(struct write *w, const struct membership_row *row, struct err *err)
{
    if (names_check(w->store, row->user, row->room, row->sender, err) < 0)
        return -1;
    w->touched = true;
    return db_exec(w->conn, &MEMBERSHIP_PUT,
                   DB_PARAMS(DB_INT("user_id", row->user), DB_INT("room", row->room),
                             DB_INT("membership", row->kind), DB_INT("event", row->event),
                             DB_INT("sender", row->sender), DB_INT("pos", row->pos),
                             DB_INT("flags", row->flags)),
                   err);
}

int membership_forget(struct write *w, int64_t user, int64_t room, struct err *err)
{
    struct db_param user_param = DB_INT("user_id", user), room_param = DB_INT("room", room);
    int64_t kind;
    int found =
        db_query_int(w->conn, &MEMBERSHIP_KIND, DB_PARAMS(user_param, room_param), &kind, err);
    if (found < 0)
        return -1;
    if (!found || (kind != MEMBERSHIP_LEAVE && kind != MEMBERSHIP_BAN))
        return err_moved(err, "user %lld is not out of room %lld", (long long)user,
                         (long long)room);
    w->touched = true;
    return db_exec_expect(
        w->conn, &MEMBERSHIP_FORGET,
        DB_PARAMS(user_param, room_param, DB_INT("forgotten", MEMBERSHIP_FORGOTTEN)), 1, err);
}

static struct membership_row read_row(struct db_query *query)
{
    return (struct membership_row){
        .user = db_column_int(query, 0),
        .room = db_column_int(query, 1),
        .kind = (enum membership)db_column_int(query, 2),
        .event = db_column_int(query, 3),
        .sender = db_column_int(query, 4),
        .pos = db_column_int(query, 5),
        .flags = db_column_int(query, 6),
    };
}

int membership_load(struct read *r, int64_t user, int64_t room, struct membership_row *ret_row,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &MEMBERSHIP_LOAD, DB_PARAMS(DB_INT("user_id", user), DB_INT("room", room)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found > 0)
        *ret_row = read_row(query);
    return found;
}

/* Rows of the kinds asked for. */
static int read_rows(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                     size_t n_params, unsigned kinds, struct arena *arena,
                     struct membership_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct membership_row) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0) {
        struct membership_row row = read_row(query);
        if (kinds & MEMBERSHIP_BIT(row.kind))
            ARENA_VEC_ADD(arena, &rows, row);
    }
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int membership_list_rooms(struct read *r, int64_t user, unsigned kinds, struct arena *arena,
                          struct membership_row **ret_rows, size_t *ret_n, struct err *err)
{
    return read_rows(r, &MEMBERSHIP_ROOMS, DB_PARAMS(DB_INT("user_id", user)), kinds, arena,
                     ret_rows, ret_n, err);
}

int membership_list_with_rooms(struct read *r, int64_t user, struct arena *arena,
                               struct membership_room **ret_rooms, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct membership_room) rooms = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &MEMBERSHIP_WITH_ROOMS, DB_PARAMS(DB_INT("user_id", user)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rooms,
                      (struct membership_room){.member = read_row(query),
                                               .pos = db_column_int(query, 7),
                                               .flags = db_column_int(query, 8),
                                               .create_event = db_column_int(query, 9)});
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}

int membership_list_users(struct read *r, int64_t room, enum membership kind, int64_t after,
                          size_t limit, struct arena *arena, struct membership_row **ret_rows,
                          size_t *ret_n, struct err *err)
{
    return read_rows(r, &MEMBERSHIP_USERS,
                     DB_PARAMS(DB_INT("room", room), DB_INT("membership", kind),
                               DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                     MEMBERSHIP_ANY, arena, ret_rows, ret_n, err);
}

/* All rows of a query of one integer. */
static int take_integers(struct db_query *query, struct arena *arena, int64_t **ret_values,
                         size_t *ret_n, struct err *err)
{
    VEC(int64_t) values = {0};
    int more;
    while ((more = db_step(query, err)) > 0)
        ARENA_VEC_ADD(arena, &values, db_column_int(query, 0));
    *ret_values = values.p;
    *ret_n = values.n;
    return more;
}

int membership_newest(struct read *r, int64_t user, int64_t *ret_pos, struct err *err)
{
    struct db_conn *conn;
    *ret_pos = 0;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &MEMBERSHIP_NEWEST,
                        DB_PARAMS(DB_INT("user_id", user), DB_INT("join", MEMBERSHIP_JOIN),
                                  DB_INT("invite", MEMBERSHIP_INVITE)),
                        ret_pos, err) < 0
               ? -1
               : 0;
}

int membership_list_shared(struct read *r, int64_t user, int64_t other, struct arena *arena,
                           int64_t **ret_rooms, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &MEMBERSHIP_SHARED,
                 DB_PARAMS(DB_INT("user_id", user), DB_INT("other", other),
                           DB_INT("join", MEMBERSHIP_JOIN)),
                 &query, err) < 0)
        return -1;
    return take_integers(query, arena, ret_rooms, ret_n, err);
}

int membership_list_familiar(struct read *r, int64_t user, const int64_t *others, size_t n_others,
                             int64_t most, struct arena *arena, int64_t **ret_users, size_t *ret_n,
                             struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &MEMBERSHIP_FAMILIAR,
                 DB_PARAMS(DB_INT("user_id", user), DB_INT("most", most),
                           DB_INT_LIST("others", others, n_others),
                           DB_INT("join", MEMBERSHIP_JOIN)),
                 &query, err) < 0)
        return -1;
    return take_integers(query, arena, ret_users, ret_n, err);
}

/* 8 is ACCOUNT_DEACTIVATED, as in the index account_closed. SQLite takes a CROSS JOIN in the order
 * it is written. */
static const struct db_stmt MEMBERSHIP_LIST_CLOSED = {
    "membership_list_closed",
    "SELECT m.user_id, m.room FROM account a CROSS JOIN membership m"
    " WHERE (a.flags & 8) <> 0 AND m.user_id = a.user_name AND m.membership IN (1, 2, 5)"
    " LIMIT 1000",
};

int membership_list_closed(struct read *r, struct arena *arena, int64_t (**ret_pairs)[2],
                           size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    int64_t(*pairs)[2] = arena_alloc(arena, 1000, sizeof *pairs);
    struct db_conn *conn;
    size_t n = 0;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &MEMBERSHIP_LIST_CLOSED, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0 && n < 1000) {
        pairs[n][0] = db_column_int(query, 0);
        pairs[n++][1] = db_column_int(query, 1);
    }
    *ret_pairs = pairs;
    *ret_n = n;
    return more < 0 ? -1 : 0;
}
