/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/notice_room.h"

static const struct db_stmt INSERT = {
    "notice_room_insert", "INSERT INTO notice_room (user_name, room) VALUES (:user, :room)"};
static const struct db_stmt FIND = {"notice_room_find",
                                    "SELECT room FROM notice_room WHERE user_name = :user"};

int notice_room_insert(struct write *w, int64_t user, int64_t room, struct err *err)
{
    int64_t other;
    int found = db_query_int(write_conn(w), &FIND, DB_PARAMS(DB_INT("user", user)), &other, err);
    if (found != 0)
        return found < 0 ? -1 : err_moved(err, "the user has a room of notices");
    return db_exec(write_conn(w), &INSERT, DB_PARAMS(DB_INT("user", user), DB_INT("room", room)),
                   err);
}

int notice_room_find(struct read *r, int64_t user, int64_t *ret_room, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &FIND, DB_PARAMS(DB_INT("user", user)), ret_room, err);
}
