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

int network_room_set(struct write *w, struct str instance, int64_t room, bool listed,
                     struct err *err)
{
    return db_exec(write_conn(w), listed ? &INSERT : &DELETE,
                   DB_PARAMS(DB_BYTES("instance", instance), DB_INT("room", room)), err);
}

int network_room_list(struct read *r, struct str instance, const struct listed_room *after,
                      size_t limit, struct arena *arena, struct listed_room **ret_rooms,
                      size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct listed_room) rooms = {0};
    struct db_conn *conn;
    int64_t joined = after->room ? after->joined : INT64_MAX;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST,
                 DB_PARAMS(DB_BYTES("instance", instance), DB_INT("joined", joined),
                           DB_INT("room", after->room), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rooms,
                      (struct listed_room){db_column_int(query, 0), db_column_int(query, 1)});
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}
