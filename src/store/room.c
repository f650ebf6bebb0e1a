/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/room.h"

#include "store/private.h"

#define ROOM_COLUMNS                                                                               \
    "id, version, creator, create_event, head, pos, state, first_place, last_place, depth, flags," \
    " joined, invited, knocked, local_joined, events, notices"

static const struct db_stmt ROOM_INSERT = {
    "room_insert",
    "INSERT INTO room (" ROOM_COLUMNS ") VALUES (:id, :version, :creator, :create_event, :head,"
    " :pos, :state, :first_place, :last_place, :depth, :flags, :joined, :invited, :knocked,"
    " :local_joined, :events, :notices)",
};
#define ROOM_SET                                                                                   \
    "UPDATE room SET version = :version, creator = :creator, create_event = :create_event,"        \
    " head = :head, pos = :pos, state = :state, first_place = :first_place,"                       \
    " last_place = :last_place, depth = :depth, joined = :joined, invited = :invited,"             \
    " knocked = :knocked, local_joined = :local_joined, events = :events, notices = :notices"
#define ROOM_OF_HEAD " WHERE id = :id AND head = :old_head"
static const struct db_stmt ROOM_UPDATE = {
    "room_update",
    ROOM_SET ", flags = :flags" ROOM_OF_HEAD,
};
/* SQLite writes the page of a partial index whenever a column of its condition is set, were it to
 * what it is: a page of every message. */
static const struct db_stmt ROOM_UPDATE_COUNTS = {
    "room_update_counts",
    ROOM_SET ROOM_OF_HEAD,
};
static const struct db_stmt ROOM_LOAD = {
    "room_load",
    "SELECT " ROOM_COLUMNS " FROM room WHERE id = :id",
};
static const struct db_stmt ROOM_LIST = {
    "room_list",
    "SELECT " ROOM_COLUMNS " FROM room WHERE id > :after ORDER BY id LIMIT :limit",
};
/* 6 is ROOM_PUBLIC or ROOM_WORLD_READABLE; the condition is that of the index. */
static const struct db_stmt ROOM_LIST_OPEN = {
    "room_list_open",
    "SELECT id FROM room WHERE (flags & 6) <> 0 ORDER BY id DESC LIMIT :limit",
};

#define ROOM_COUNTS(row)                                                                           \
    DB_INT("id", (row)->id), DB_INT("version", (row)->version), DB_INT("creator", (row)->creator), \
        DB_INT("create_event", (row)->create_event), DB_INT("head", (row)->head),                  \
        DB_INT("pos", (row)->pos), DB_INT("state", (row)->state),                                  \
        DB_INT("first_place", (row)->first_place), DB_INT("last_place", (row)->last_place),        \
        DB_INT("depth", (row)->depth), DB_INT("joined", (row)->joined),                            \
        DB_INT("invited", (row)->invited), DB_INT("knocked", (row)->knocked),                      \
        DB_INT("local_joined", (row)->local_joined), DB_INT("events", (row)->events),              \
        DB_INT("notices", (row)->notices)
#define ROOM_PARAMS(row) ROOM_COUNTS(row), DB_INT("flags", (row)->flags)

int room_insert(struct write *w, const struct room_row *row, struct err *err)
{
    if (names_check(w->store, row->id, row->version, row->creator, err) < 0)
        return -1;
    w->touched = true;
    return db_exec(w->conn, &ROOM_INSERT, DB_PARAMS(ROOM_PARAMS(row)), err);
}

int room_update(struct write *w, const struct room_row *row, struct room_was was, struct err *err)
{
    struct db_param old_head = DB_INT("old_head", was.head);
    w->touched = true;
    if (row->flags == was.flags)
        return db_exec_expect(w->conn, &ROOM_UPDATE_COUNTS, DB_PARAMS(ROOM_COUNTS(row), old_head),
                              1, err);
    return db_exec_expect(w->conn, &ROOM_UPDATE, DB_PARAMS(ROOM_PARAMS(row), old_head), 1, err);
}

static struct room_row read_row(struct db_query *query)
{
    return (struct room_row){
        .id = db_column_int(query, 0),
        .version = db_column_int(query, 1),
        .creator = db_column_int(query, 2),
        .create_event = db_column_int(query, 3),
        .head = db_column_int(query, 4),
        .pos = db_column_int(query, 5),
        .state = db_column_int(query, 6),
        .first_place = db_column_int(query, 7),
        .last_place = db_column_int(query, 8),
        .depth = db_column_int(query, 9),
        .flags = db_column_int(query, 10),
        .joined = db_column_int(query, 11),
        .invited = db_column_int(query, 12),
        .knocked = db_column_int(query, 13),
        .local_joined = db_column_int(query, 14),
        .events = db_column_int(query, 15),
        .notices = db_column_int(query, 16),
    };
}

int room_load(struct read *r, int64_t id, struct room_row *ret_row, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &ROOM_LOAD, DB_PARAMS(DB_INT("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found > 0)
        *ret_row = read_row(query);
    return found;
}

int room_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
              struct room_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct room_row) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &ROOM_LIST,
                 DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)), &query,
                 err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0)
        ARENA_VEC_ADD(arena, &rows, read_row(query));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int room_list_open(struct read *r, size_t limit, struct arena *arena, int64_t **ret_rooms,
                   size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) rooms = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &ROOM_LIST_OPEN, DB_PARAMS(DB_INT("limit", (int64_t)limit)), &query, err) <
            0)
        return -1;
    while ((more = db_step(query, err)) > 0)
        ARENA_VEC_ADD(arena, &rooms, db_column_int(query, 0));
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
    return more;
}
