/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/purge.h"

#include "base/vec.h"
#include "store/event_row.h"
#include "store/hold.h"
#include "store/media_use.h"
#include "store/relation.h"
#include "store/search.h"

static const struct db_stmt LIST = {
    "purge_list",
    "SELECT id, place, ts, flags FROM event WHERE room = :room AND ts >= :from"
    " AND place IS NOT NULL AND state_key = 0 ORDER BY ts, place LIMIT :limit",
};
static const struct db_stmt OLDEST = {
    "purge_oldest",
    "SELECT min(ts) FROM event WHERE room = :room AND place > :place AND place IS NOT NULL"
    " AND state_key = 0",
};
static const struct db_stmt DELETE_EVENTS = {
    "purge_events",
    "DELETE FROM event WHERE id {in:ids}",
};
static const struct db_stmt DELETE_TXNS = {
    "purge_txns",
    "DELETE FROM txn WHERE (device, scope, txn) IN"
    " (SELECT device, room, txn FROM event WHERE id {in:ids} AND txn IS NOT NULL)",
};
/* 12: LOG_KIND_PURGE, without a room. */
static const struct db_stmt EMPTY_LOG = {
    "purge_log",
    "UPDATE log SET kind = 12, room = 0, user_id = 0, ref = 0 WHERE pos {in:positions}",
};
static const struct db_stmt LEAVE_STUB = {
    "purge_stub",
    "UPDATE event SET json = :json, members = :members, flags = :flags WHERE id = :id",
};

int purge_list(struct read *r, int64_t room, int64_t from_ts, size_t limit, struct arena *arena,
               struct purge_mark **ret_marks, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct purge_mark) marks = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST,
                 DB_PARAMS(DB_INT("room", room), DB_INT("from", from_ts),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(
            arena, &marks,
            ((struct purge_mark){db_column_int(query, 0), db_column_int(query, 1),
                                 db_column_int(query, 2), (unsigned)db_column_int(query, 3)}));
    *ret_marks = marks.p;
    *ret_n = marks.n;
    return more;
}

int purge_find_oldest(struct read *r, int64_t room, int64_t after_place, int64_t *ret_ts,
                      struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &OLDEST, DB_PARAMS(DB_INT("room", room), DB_INT("place", after_place)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1 || db_column_is_null(query, 0))
        return found < 0 ? -1 : 0;
    *ret_ts = db_column_int(query, 0);
    return 1;
}

/* What others look an event up by. */
static int detach(struct write *w, const struct purge_event *purged, struct err *err)
{
    VEC_ADD(&w->stale, purged->event.id);
    if (relation_delete(w, &purged->event, &purged->pdu, err) < 0)
        return -1;
    return search_forget(w, &purged->event, err);
}

static int leave_stub(struct write *w, const struct purge_event *purged, struct err *err)
{
    struct event stub = purged->event;
    stub.json = purged->stub;
    if (event_find_members(stub.json, &stub.members) < 0)
        return err_internal(err, "the stub of event %lld is no PDU", (long long)stub.id);
    return db_exec(w->conn, &LEAVE_STUB,
                   DB_PARAMS(DB_INT("id", stub.id), DB_BYTES("json", stub.json),
                             DB_BYTES("members", event_members_encode(&stub, w->arena)),
                             DB_INT("flags", stub.flags | EVENT_REDACTED | EVENT_PURGED)),
                   err);
}

/* Those of which something is left name files no more either. */
static int doom_files(struct write *w, const struct purge *purge, struct err *err)
{
    int64_t *ids = ARENA_NEW_N(w->arena, purge->n, int64_t);
    for (size_t i = 0; i < purge->n; i++) {
        ids[i] = purge->events[i].event.id;
        if (media_use_end(w, &purge->events[i].event, purge->server_name, err) < 0)
            return -1;
    }
    return media_use_doom(w, ids, purge->n, err);
}

static int delete_rows(struct write *w, const struct purge *purge, struct err *err)
{
    int64_t *ids = ARENA_NEW_N(w->arena, purge->n, int64_t);
    int64_t *positions = ARENA_NEW_N(w->arena, purge->n, int64_t);
    size_t n = 0;
    for (size_t i = 0; i < purge->n; i++) {
        if (purge->events[i].stub.p)
            continue;
        ids[n] = purge->events[i].event.id;
        positions[n++] = purge->events[i].event.pos;
    }
    if (db_exec(w->conn, &DELETE_TXNS, DB_PARAMS(DB_INT_LIST("ids", ids, n)), err) < 0 ||
        db_exec(w->conn, &DELETE_EVENTS, DB_PARAMS(DB_INT_LIST("ids", ids, n)), err) < 0)
        return -1;
    return db_exec(w->conn, &EMPTY_LOG, DB_PARAMS(DB_INT_LIST("positions", positions, n)), err);
}

int purge_write(struct write *w, const struct purge *purge, struct err *err)
{
    int64_t pos;
    int held = hold_covers_now(w, purge->room, err);
    if (held != 0)
        return held < 0 ? -1 : err_moved(err, "room %lld is held", (long long)purge->room);
    if (write_flush(w, err) < 0)
        return -1;
    w->touched = true;
    for (size_t i = 0; i < purge->n; i++) {
        const struct purge_event *purged = &purge->events[i];
        if (detach(w, purged, err) < 0 || (purged->stub.p && leave_stub(w, purged, err) < 0))
            return -1;
    }
    if (doom_files(w, purge, err) < 0 || delete_rows(w, purge, err) < 0)
        return -1;
    return write_position(w, LOG_KIND_PURGE, purge->room, 0, 0, &pos, err);
}
