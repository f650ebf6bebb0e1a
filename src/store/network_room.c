/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/network_room.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "network_room_insert", "INSERT INTO network_room (instance, room) VALUES (:instance, :room)"
                           " ON CONFLICT (instance, room) DO NOTHING"};
static const struct db_stmt DELETE = {
    "network_room_delete", "DELETE FROM network_room WHERE instance = :instance AND room = :room"};
static const struct db_stmt LIST = {
    "network_room_list",
    "SELECT network_room.room, room.joined FROM network_room, room"
    " WHERE network_room.instance = :instance AND room.id = network_room.room"
    " AND (room.joined < :joined OR (room.joined = :joined AND network_room.room > :room))"
    " ORDER BY room.joined DESC, network_room.room LIMIT :limit"};
static const struct db_stmt LIST_ALL = {
    "network_room_list_all",
    "SELECT room.id, room.joined FROM room WHERE room.id IN (SELECT room FROM network_room)"
    " AND (room.joined < :joined OR (room.joined = :joined AND room.id > :room))"
    " ORDER BY room.joined DESC, room.id LIMIT :limit"};

int network_room_set(struct write *w, struct str instance, int64_t room, bool listed,
                     struct err *err)
{
    return db_exec(write_conn(w), listed ? &INSERT : &DELETE,
                   DB_PARAMS(DB_BYTES("instance", instance), DB_INT("room", room)), err);
}

static int read_rooms(struct db_query *query, struct arena *arena, struct listed_room **ret_rooms,
                      size_t *ret_n, struct err *err)
{
    VEC(struct listed_room) rooms = {0};
    int more;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rooms,
                      (struct listed_room){db_column_int(query, 0), db_column_int(query, 1)});
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}

int network_room_list(struct read *r, struct str instance, const struct listed_room *after,
                      size_t limit, struct arena *arena, struct listed_room **ret_rooms,
                      size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    int64_t joined = after->room ? after->joined : INT64_MAX;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST,
                 DB_PARAMS(DB_BYTES("instance", instance), DB_INT("joined", joined),
                           DB_INT("room", after->room), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_rooms(query, arena, ret_rooms, ret_n, err);
}

int network_room_list_all(struct read *r, const struct listed_room *after, size_t limit,
                          struct arena *arena, struct listed_room **ret_rooms, size_t *ret_n,
                          struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    int64_t joined = after->room ? after->joined : INT64_MAX;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_ALL,
                 DB_PARAMS(DB_INT("joined", joined), DB_INT("room", after->room),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_rooms(query, arena, ret_rooms, ret_n, err);
}
