/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/alias.h"

#include "base/vec.h"

static const struct db_stmt FIND = {"alias_find",
                                    "SELECT room, creator FROM alias WHERE alias = :alias"};
static const struct db_stmt INSERT = {
    "alias_insert", "INSERT INTO alias (alias, room, creator) VALUES (:alias, :room, :creator)"};
static const struct db_stmt DELETE = {"alias_delete", "DELETE FROM alias WHERE alias = :alias"};
static const struct db_stmt LIST = {"alias_list",
                                    "SELECT alias FROM alias WHERE room = :room ORDER BY alias"};
static const struct db_stmt MOVE = {"alias_move",
                                    "UPDATE alias SET room = :to_room WHERE room = :from_room"};
static const struct db_stmt LIST_ROOM = {
    "directory_add", "INSERT INTO directory (room, rank)"
                     " VALUES (:room, COALESCE((SELECT -joined FROM room WHERE id = :room), 0))"
                     " ON CONFLICT (room) DO NOTHING"};
static const struct db_stmt RANK_ROOM = {"directory_rank",
                                         "UPDATE directory SET rank = :rank WHERE room = :room"};
static const struct db_stmt UNLIST_ROOM = {"directory_remove",
                                           "DELETE FROM directory WHERE room = :room"};
static const struct db_stmt HAS_ROOM = {"directory_has",
                                        "SELECT 1 FROM directory WHERE room = :room"};
static const struct db_stmt LIST_ROOMS = {
    "directory_list", "SELECT room, -rank FROM directory WHERE (rank, room) > (:rank, :room)"
                      " ORDER BY rank, room LIMIT :limit"};

int alias_insert(struct write *w, const struct alias *alias, struct err *err)
{
    int64_t room;
    int found =
        db_query_int(write_conn(w), &FIND, DB_PARAMS(DB_BYTES("alias", alias->alias)), &room, err);
    if (found < 0)
        return -1;
    if (found)
        return err_client(err, 409, "M_ROOM_IN_USE", "This room alias is taken");
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("alias", alias->alias), DB_INT("room", alias->room),
                             DB_INT("creator", alias->creator)),
                   err);
}

int alias_delete(struct write *w, struct str alias, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("alias", alias)), err);
}

int alias_find(struct read *r, struct str alias, struct alias *ret_alias, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FIND, DB_PARAMS(DB_BYTES("alias", alias)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_alias = (struct alias){alias, db_column_int(query, 0), db_column_int(query, 1)};
    return found;
}

int alias_list(struct read *r, int64_t room, struct arena *arena, struct str **ret_aliases,
               size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct str) aliases = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("room", room)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &aliases, db_column_copy(query, 0, arena));
    *ret_aliases = aliases.p;
    *ret_n = aliases.n;
    return more;
}

int alias_move(struct write *w, int64_t from, int64_t to, struct err *err)
{
    return db_exec(write_conn(w), &MOVE,
                   DB_PARAMS(DB_INT("from_room", from), DB_INT("to_room", to)), err);
}

/* ---- the directory ---- */

int directory_set(struct write *w, int64_t room, bool listed, struct err *err)
{
    return db_exec(write_conn(w), listed ? &LIST_ROOM : &UNLIST_ROOM,
                   DB_PARAMS(DB_INT("room", room)), err);
}

int directory_has(struct read *r, int64_t room, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &HAS_ROOM, DB_PARAMS(DB_INT("room", room)), &one, err);
}

int directory_count(struct write *w, int64_t room, int64_t joined, struct err *err)
{
    return db_exec(write_conn(w), &RANK_ROOM,
                   DB_PARAMS(DB_INT("room", room), DB_INT("rank", -joined)), err);
}

int directory_list(struct read *r, const struct listed_room *after, size_t limit,
                   struct arena *arena, struct listed_room **ret_rooms, size_t *ret_n,
                   struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct listed_room) rooms = {0};
    struct db_conn *conn;
    int64_t rank = after->room ? -after->joined : INT64_MIN;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_ROOMS,
                 DB_PARAMS(DB_INT("rank", rank), DB_INT("room", after->room),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rooms,
                      (struct listed_room){db_column_int(query, 0), db_column_int(query, 1)});
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}
