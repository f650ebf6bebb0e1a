/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/event_row.h"

/* The events of a room in the order of their places, from the index alone. */

#define LEFT_OUT "(flags & 6) = 0" /* neither EVENT_REJECTED nor EVENT_SOFT_FAILED */

static const struct db_stmt EVENT_LIST_FORWARD = {
    "event_list_forward",
    "SELECT id FROM event WHERE room = :room AND place > :place AND place IS NOT NULL"
    " AND pos <= :head AND " LEFT_OUT " ORDER BY place LIMIT :limit",
};
static const struct db_stmt EVENT_LIST_BACKWARD = {
    "event_list_backward",
    "SELECT id FROM event WHERE room = :room AND place < :place AND place IS NOT NULL"
    " AND pos <= :head AND " LEFT_OUT " ORDER BY place DESC LIMIT :limit",
};
static const struct db_stmt EVENT_MARKS = {
    "event_marks",
    "SELECT id, place, sender, state_key, flags, pos FROM event WHERE room = :room AND place > "
    ":after"
    " AND place < :before AND place IS NOT NULL AND pos <= :head AND " LEFT_OUT
    " ORDER BY place DESC LIMIT :limit",
};
static const struct db_stmt EVENT_TIME_FORWARD = {
    "event_time_forward",
    "SELECT id FROM event WHERE room = :room AND ts >= :ts AND place IS NOT NULL"
    " AND pos <= :head AND " LEFT_OUT " ORDER BY ts, place LIMIT :limit OFFSET :skip",
};
static const struct db_stmt EVENT_TIME_BACKWARD = {
    "event_time_backward",
    "SELECT id FROM event WHERE room = :room AND ts <= :ts AND place IS NOT NULL"
    " AND pos <= :head AND " LEFT_OUT " ORDER BY ts DESC, place DESC LIMIT :limit OFFSET :skip",
};
/* Places of live events go up with their positions. */
static const struct db_stmt EVENT_LAST = {
    "event_last",
    "SELECT place, pos FROM event WHERE room = :room AND place <= :place AND place IS NOT NULL"
    " ORDER BY place DESC LIMIT 1",
};

static int read_ids(struct db_query *query, struct arena *arena, int64_t **ret_ids, size_t *ret_n,
                    struct err *err)
{
    VEC(int64_t) ids = {0};
    int more;
    while ((more = db_step(query, err)) > 0)
        ARENA_VEC_ADD(arena, &ids, db_column_int(query, 0));
    if (more < 0)
        return -1;
    *ret_ids = ids.p;
    *ret_n = ids.n;
    return 0;
}

int event_list_room(struct read *r, int64_t room, int64_t place, enum event_direction direction,
                    size_t limit, struct arena *arena, int64_t **ret_ids, size_t *ret_n,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, direction == EVENT_FORWARD ? &EVENT_LIST_FORWARD : &EVENT_LIST_BACKWARD,
                 DB_PARAMS(DB_INT("room", room), DB_INT("place", place),
                           DB_INT("head", r->head.pos), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_ids(query, arena, ret_ids, ret_n, err);
}

int event_list_marks(struct read *r, int64_t room, int64_t after, int64_t before, size_t limit,
                     struct arena *arena, struct event_mark **ret_marks, size_t *ret_n,
                     struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct event_mark) marks = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &EVENT_MARKS,
                 DB_PARAMS(DB_INT("room", room), DB_INT("after", after), DB_INT("before", before),
                           DB_INT("head", r->head.pos), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0) {
        struct event_mark mark = {db_column_int(query, 0),           db_column_int(query, 1),
                                  db_column_int(query, 2),           db_column_int(query, 3),
                                  (unsigned)db_column_int(query, 4), db_column_int(query, 5)};
        ARENA_VEC_ADD(arena, &marks, mark);
    }
    *ret_marks = marks.p;
    *ret_n = marks.n;
    return more;
}

int event_list_time(struct read *r, int64_t room, int64_t ts, enum event_direction direction,
                    size_t skip, size_t limit, struct arena *arena, int64_t **ret_ids,
                    size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, direction == EVENT_FORWARD ? &EVENT_TIME_FORWARD : &EVENT_TIME_BACKWARD,
                 DB_PARAMS(DB_INT("room", room), DB_INT("ts", ts), DB_INT("head", r->head.pos),
                           DB_INT("limit", (int64_t)limit), DB_INT("skip", (int64_t)skip)),
                 &query, err) < 0)
        return -1;
    return read_ids(query, arena, ret_ids, ret_n, err);
}

/* The last event at or before a place: 1 and where it is, 0, -1. */
static int find_last(struct db_conn *conn, int64_t room, int64_t place, int64_t *ret_place,
                     int64_t *ret_pos, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &EVENT_LAST, DB_PARAMS(DB_INT("room", room), DB_INT("place", place)), &query,
                 err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found > 0) {
        *ret_place = db_column_int(query, 0);
        *ret_pos = db_column_int(query, 1);
    }
    return found;
}

/* Looks near the end first, where most ask, in steps that double; then halves the last one. `low`
 * is a place at which the answer is known to be or after, `high` one before which it is. */
static int search(struct db_conn *conn, int64_t room, int64_t pos, int64_t high, int64_t *ret_place,
                  struct err *err)
{
    int64_t low = 0, step = 1, at_place, at_pos;
    bool narrowing = false;
    while (low + 1 < high) {
        int64_t middle = narrowing ? low + (high - low) / 2 : high - step;
        int found;
        middle = middle > low ? middle : low + 1;
        found = find_last(conn, room, middle, &at_place, &at_pos, err);
        if (found < 0)
            return -1;
        if (found && at_place > low && at_pos > pos) {
            high = at_place;
            step *= 2;
        } else {
            *ret_place = found && at_place > low ? at_place : *ret_place;
            low = middle;
            narrowing = true;
        }
    }
    return 0;
}

int event_place_at(struct read *r, int64_t room, int64_t pos, int64_t *ret_place, struct err *err)
{
    struct db_conn *conn;
    int64_t place = 0, last = 0, last_pos = 0;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    int found = find_last(conn, room, INT64_MAX, &last, &last_pos, err);
    if (found < 0)
        return -1;
    if (found && last > 0 && last_pos <= pos)
        place = last;
    else if (found && last > 0 && search(conn, room, pos, last, &place, err) < 0)
        return -1;
    *ret_place = place;
    return 0;
}
