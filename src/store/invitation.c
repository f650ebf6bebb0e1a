/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/invitation.h"

#include "base/vec.h"

#define COLUMNS                                                                                    \
    "SELECT id, address, room, inviter, token, created_ms, expires_ms, state, user_name"           \
    " FROM invitation"

static const struct db_stmt INSERT = {
    "invitation_insert",
    "INSERT INTO invitation (id, address, room, inviter, token, created_ms, expires_ms, state,"
    " user_name) VALUES (:id, :address, :room, :inviter, :token, :created, :expires, 0, 0)"};
static const struct db_stmt WAITS = {
    "invitation_waits", "SELECT 1 FROM invitation WHERE address = :address AND state = 0"
                        " AND expires_ms > :now LIMIT 1"};
static const struct db_stmt TAKE = {
    "invitation_take", "UPDATE invitation SET state = 1, user_name = :user"
                       " WHERE address = :address AND state = 0 AND expires_ms > :now"};
static const struct db_stmt DONE = {"invitation_done",
                                    "UPDATE invitation SET state = 2 WHERE id = :id"};
static const struct db_stmt REVOKE = {
    "invitation_revoke", "UPDATE invitation SET state = 3 WHERE token = :token AND state = 0"};
static const struct db_stmt MOVE = {"invitation_move",
                                    "UPDATE invitation SET room = :to, inviter = :inviter"
                                    " WHERE room = :from AND state IN (0, 1)"};
static const struct db_stmt END_ADDRESS = {
    "invitation_end_address", "UPDATE invitation SET expires_ms = :now"
                              " WHERE address = :address AND state = 0 AND expires_ms > :now"};
static const struct db_stmt EXPIRE = {
    "invitation_expire", "DELETE FROM invitation WHERE state <> 1 AND expires_ms < :before"};
static const struct db_stmt OF_ADDRESS = {
    "invitation_of_address", COLUMNS " WHERE address = :address AND state = 0 AND expires_ms > :now"
                                     " ORDER BY id LIMIT 1000"};
static const struct db_stmt OF_USER = {
    "invitation_of_user",
    COLUMNS " WHERE user_name = :user AND state = :state ORDER BY id LIMIT 1000"};
static const struct db_stmt OF_STATE = {"invitation_of_state",
                                        COLUMNS " WHERE state = :state ORDER BY id LIMIT 1000"};
static const struct db_stmt EXPIRED = {"invitation_expired",
                                       COLUMNS " WHERE expires_ms <= :now AND state = 0"
                                               " ORDER BY expires_ms LIMIT 1000"};
static const struct db_stmt OF_ROOM = {"invitation_of_room", COLUMNS
                                       " WHERE room = :room AND state = 0 ORDER BY id LIMIT 1000"};
static const struct db_stmt OF_TOKEN = {"invitation_of_token", COLUMNS " WHERE token = :token"};

/* ---- writing ---- */

int invitation_insert(struct write *w, const struct invitation *invitation, struct err *err)
{
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("id", invitation->id), DB_BYTES("address", invitation->email.full),
                  DB_INT("room", invitation->room), DB_INT("inviter", invitation->inviter),
                  DB_BYTES("token", invitation->token), DB_INT("created", invitation->created_ms),
                  DB_INT("expires", invitation->expires_ms)),
        err);
}

int invitation_take(struct write *w, const struct email *email, int64_t user, struct err *err)
{
    int64_t one, now = write_time_ms(w);
    int waits =
        db_query_int(write_conn(w), &WAITS,
                     DB_PARAMS(DB_BYTES("address", email->full), DB_INT("now", now)), &one, err);
    if (waits != 1)
        return waits;
    return db_exec(write_conn(w), &TAKE,
                   DB_PARAMS(DB_BYTES("address", email->full), DB_INT("now", now),
                             DB_INT("user", user)),
                   err) < 0
               ? -1
               : 1;
}

int invitation_done(struct write *w, int64_t id, struct err *err)
{
    return db_exec(write_conn(w), &DONE, DB_PARAMS(DB_INT("id", id)), err);
}

int invitation_revoke(struct write *w, struct str token, struct err *err)
{
    return db_exec(write_conn(w), &REVOKE, DB_PARAMS(DB_BYTES("token", token)), err);
}

int invitation_move(struct write *w, int64_t from, int64_t to, int64_t inviter, struct err *err)
{
    return db_exec(write_conn(w), &MOVE,
                   DB_PARAMS(DB_INT("from", from), DB_INT("to", to), DB_INT("inviter", inviter)),
                   err);
}

int invitation_end_address(struct write *w, const struct email *email, struct err *err)
{
    return db_exec(write_conn(w), &END_ADDRESS,
                   DB_PARAMS(DB_BYTES("address", email->full), DB_INT("now", write_time_ms(w))),
                   err);
}

int invitation_expire(struct write *w, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("before", before_ms)), err);
}

/* ---- reading ---- */

static int row_of(struct db_query *query, struct arena *arena, struct invitation *ret_row,
                  struct err *err)
{
    struct err why = ERR_INIT;
    struct invitation row = {
        .id = db_column_int(query, 0),
        .room = db_column_int(query, 2),
        .inviter = db_column_int(query, 3),
        .token = db_column_copy(query, 4, arena),
        .created_ms = db_column_int(query, 5),
        .expires_ms = db_column_int(query, 6),
        .state = (enum invitation_state)db_column_int(query, 7),
        .user = db_column_int(query, 8),
    };
    if (email_parse(arena, db_column_bytes(query, 1), &row.email, &why) < 0)
        return err_internal(err, "a stored address is none");
    *ret_row = row;
    return 0;
}

static int list(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                size_t n_params, struct arena *arena, struct invitation **ret_invitations,
                size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct invitation) rows = {0};
    struct invitation row;
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        if (row_of(query, arena, &row, err) < 0)
            return -1;
        ARENA_VEC_ADD(arena, &rows, row);
    }
    *ret_invitations = rows.p;
    *ret_n = rows.n;
    return more;
}

int invitation_list_address(struct read *r, const struct email *email, int64_t now_ms,
                            struct arena *arena, struct invitation **ret_invitations, size_t *ret_n,
                            struct err *err)
{
    return list(r, &OF_ADDRESS, DB_PARAMS(DB_BYTES("address", email->full), DB_INT("now", now_ms)),
                arena, ret_invitations, ret_n, err);
}

int invitation_list_user(struct read *r, int64_t user, enum invitation_state state,
                         struct arena *arena, struct invitation **ret_invitations, size_t *ret_n,
                         struct err *err)
{
    return list(r, &OF_USER, DB_PARAMS(DB_INT("user", user), DB_INT("state", state)), arena,
                ret_invitations, ret_n, err);
}

int invitation_list_state(struct read *r, enum invitation_state state, struct arena *arena,
                          struct invitation **ret_invitations, size_t *ret_n, struct err *err)
{
    return list(r, &OF_STATE, DB_PARAMS(DB_INT("state", state)), arena, ret_invitations, ret_n,
                err);
}

int invitation_list_expired(struct read *r, int64_t now_ms, struct arena *arena,
                            struct invitation **ret_invitations, size_t *ret_n, struct err *err)
{
    return list(r, &EXPIRED, DB_PARAMS(DB_INT("now", now_ms)), arena, ret_invitations, ret_n, err);
}

int invitation_list_room(struct read *r, int64_t room, struct arena *arena,
                         struct invitation **ret_invitations, size_t *ret_n, struct err *err)
{
    return list(r, &OF_ROOM, DB_PARAMS(DB_INT("room", room)), arena, ret_invitations, ret_n, err);
}

int invitation_find(struct read *r, struct str token, struct arena *arena,
                    struct invitation *ret_invitation, struct err *err)
{
    struct invitation *rows;
    size_t n;
    if (list(r, &OF_TOKEN, DB_PARAMS(DB_BYTES("token", token)), arena, &rows, &n, err) < 0)
        return -1;
    if (n)
        *ret_invitation = rows[0];
    return n > 0;
}
