/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/event.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/event_cache.h"
#include "store/event_row.h"

/* ---- statements ---- */

static const struct db_stmt EVENT_INSERT = {
    "event_insert",
    "INSERT INTO event (id, room, place, pos, hash, type, state_key, sender, ts, depth, flags,"
    " state, state_before, redacted_by, members, json, device, txn)"
    " VALUES (:id, :room, :place, :pos, :hash, :type, :state_key, :sender, :ts, :depth, :flags,"
    " :state, :state_before, :redacted_by, :members, :json, :device, :txn)",
};
static const struct db_stmt EVENT_INSERT_OUTLIER = {
    "event_insert_outlier",
    "INSERT INTO event (id, room, pos, hash, type, state_key, sender, ts, depth, flags,"
    " state, state_before, redacted_by, members, json)"
    " VALUES (:id, :room, :pos, :hash, :type, :state_key, :sender, :ts, :depth, :flags,"
    " :state, :state_before, :redacted_by, :members, :json)",
};
#define EVENT_COLUMNS                                                                              \
    "id, room, place, pos, hash, type, state_key, sender, ts, depth, flags, state, state_before,"  \
    " redacted_by, members, json, device, txn"
static const struct db_stmt EVENT_LOAD = {
    "event_load",
    "SELECT " EVENT_COLUMNS " FROM event WHERE id = :id",
};
/* The index holds the first half of a hash: two events that agree in it are not to be found. */
#define HASH_HEAD_BYTES 16
static const struct db_stmt EVENT_LOAD_HASH = {
    "event_load_hash",
    "SELECT " EVENT_COLUMNS " FROM event WHERE substr(hash, 1, 16) = :head AND hash = :hash",
};
static const struct db_stmt EVENT_LOAD_MANY = {
    "event_load_many",
    "SELECT " EVENT_COLUMNS " FROM event WHERE id {in:ids}",
};

/* ---- in memory ---- */

void event_set_transaction(struct event *event, int64_t device, struct str txn)
{
    event->device = device;
    event->txn = txn.p ? str_make(mem_copy(txn.p, txn.n), txn.n) : STR_NONE;
}

static struct event *event_make(const struct event *fields, struct str json)
{
    struct event *event = MEM_NEW(struct event);
    *event = *fields;
    event->json = str_make(mem_copy(json.n ? json.p : "", json.n ? json.n : 1), json.n);
    event->refs = 1;
    event_set_transaction(event, fields->device, fields->txn);
    return event;
}

static void event_free(struct event *event)
{
    mem_free((void *)(uintptr_t)event->txn.p);
    mem_free((void *)(uintptr_t)event->json.p);
    mem_free(event);
}

struct event *event_new(const struct event *fields, struct str json)
{
    struct event *event = event_make(fields, json);
    CHECK(event_find_members(event->json, &event->members) == 0);
    return event;
}

void event_ref(struct event *event)
{
    __atomic_add_fetch(&event->refs, 1, __ATOMIC_RELAXED);
}

void event_unref(struct event *event)
{
    if (event && __atomic_sub_fetch(&event->refs, 1, __ATOMIC_ACQ_REL) == 0)
        event_free(event);
}

void event_cleanup(struct event **event)
{
    event_unref(*event);
}

/* ---- writing ---- */

int event_insert(struct write *w, struct event *event, struct err *err)
{
    struct store *store = w->store;
    bool membership = event->state_key && event->type == store->type_member;
    if (names_check(store, event->type, event->sender, event->state_key, err) < 0 ||
        names_check(store, event->room, 0, 0, err) < 0)
        return -1;
    w->touched = true;
    event->pos = 0;
    /* Nobody has to learn of an event that is known as state or auth only. */
    if (!(event->flags & EVENT_OUTLIER) &&
        write_position(w, LOG_KIND_EVENT, event->room, membership ? event->state_key : 0, event->id,
                       &event->pos, err) < 0)
        return -1;
    event_ref(event);
    VEC_ADD(&w->events, event);
    return 0;
}

/* The columns of rows of one kind, with place or without. */
struct rows {
    int64_t *integers[13];
    struct str *bytes[4];
    size_t n;
};

static void rows_init(struct rows *rows, struct arena *arena, size_t most)
{
    rows->n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows->integers); i++)
        rows->integers[i] = ARENA_NEW_N(arena, most, int64_t);
    for (size_t i = 0; i < ARRAY_LEN(rows->bytes); i++)
        rows->bytes[i] = ARENA_NEW_N(arena, most, struct str);
}

static void rows_add(struct rows *rows, const struct event *event, struct arena *arena)
{
    const int64_t integers[] = {
        event->id,
        event->room,
        event->pos,
        event->type,
        event->sender,
        event->state_key,
        event->origin_server_ts,
        event->depth,
        event->flags,
        event->state,
        event->state_before,
        event->redacted_by,
        event->device,
    };
    size_t at = rows->n++;
    for (size_t i = 0; i < ARRAY_LEN(integers); i++)
        rows->integers[i][at] = integers[i];
    rows->bytes[0][at] = str_make(event->hash, EVENT_HASH_BYTES);
    rows->bytes[1][at] = event_members_encode(event, arena);
    rows->bytes[2][at] = event->json;
    rows->bytes[3][at] = event->txn;
}

static int rows_insert(struct rows *rows, struct write *w, const int64_t *places, struct err *err)
{
    struct db_column columns[] = {
        {"id", rows->integers[0], NULL},
        {"room", rows->integers[1], NULL},
        {"pos", rows->integers[2], NULL},
        {"hash", NULL, rows->bytes[0]},
        {"type", rows->integers[3], NULL},
        {"state_key", rows->integers[5], NULL},
        {"sender", rows->integers[4], NULL},
        {"ts", rows->integers[6], NULL},
        {"depth", rows->integers[7], NULL},
        {"flags", rows->integers[8], NULL},
        {"state", rows->integers[9], NULL},
        {"state_before", rows->integers[10], NULL},
        {"redacted_by", rows->integers[11], NULL},
        {"members", NULL, rows->bytes[1]},
        {"json", NULL, rows->bytes[2]},
        {"device", rows->integers[12], NULL},
        {"txn", NULL, rows->bytes[3]},
        {"place", places, NULL},
    };
    /* An outlier has no place, and nobody here sent it. */
    size_t n = ARRAY_LEN(columns) - (places ? 0 : 3);
    return db_insert_many(w->conn, places ? &EVENT_INSERT : &EVENT_INSERT_OUTLIER, columns, n,
                          rows->n, err);
}

int event_flush(struct write *w, struct err *err)
{
    size_t from = w->events_flushed, n = w->events.n - from;
    struct rows placed, outliers;
    if (n == 0)
        return 0;
    int64_t *places = ARENA_NEW_N(w->arena, n, int64_t);
    rows_init(&placed, w->arena, n);
    rows_init(&outliers, w->arena, n);
    for (size_t i = 0; i < n; i++) {
        struct event *event = w->events.p[from + i];
        if (event->flags & EVENT_OUTLIER) {
            rows_add(&outliers, event, w->arena);
        } else {
            places[placed.n] = event->place;
            rows_add(&placed, event, w->arena);
        }
    }
    w->events_flushed = w->events.n;
    if (rows_insert(&placed, w, places, err) < 0)
        return -1;
    return rows_insert(&outliers, w, NULL, err);
}

/* ---- reading ---- */

static int read_row(struct read *r, struct db_query *query, struct event **ret_event,
                    struct err *err)
{
    struct event fields = {
        .id = db_column_int(query, 0),
        .room = db_column_int(query, 1),
        .place = db_column_int(query, 2),
        .pos = db_column_int(query, 3),
        .type = db_column_int(query, 5),
        .state_key = db_column_int(query, 6),
        .sender = db_column_int(query, 7),
        .origin_server_ts = db_column_int(query, 8),
        .depth = db_column_int(query, 9),
        .flags = (unsigned)db_column_int(query, 10),
        .state = db_column_int(query, 11),
        .state_before = db_column_int(query, 12),
        .redacted_by = db_column_int(query, 13),
        .device = db_column_int(query, 16),
        .txn = db_column_bytes(query, 17),
    };
    struct str hash = db_column_bytes(query, 4);
    if (hash.n != EVENT_HASH_BYTES)
        return err_internal(err, "event %lld: its hash is damaged", (long long)fields.id);
    memcpy(fields.hash, hash.p, EVENT_HASH_BYTES);
    struct event *event = event_make(&fields, db_column_bytes(query, 15));
    if (event_members_decode(db_column_bytes(query, 14), event->json, &event->members) < 0) {
        event_free(event);
        return err_internal(err, "event %lld: its row is damaged", (long long)fields.id);
    }
    event_cache_put_read(r->store->events, event, r->head.pos);
    *ret_event = event;
    return 0;
}

static int load_one(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct event **ret_event, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found <= 0)
        return found;
    return read_row(r, query, ret_event, err) < 0 ? -1 : 1;
}

int event_load_stored(struct read *r, int64_t id, struct event **ret_event, struct err *err)
{
    return load_one(r, &EVENT_LOAD, DB_PARAMS(DB_INT("id", id)), ret_event, err);
}

int event_load(struct read *r, int64_t id, struct event **ret_event, struct err *err)
{
    struct event *event = event_cache_find(r->store->events, id);
    if (!event)
        return load_one(r, &EVENT_LOAD, DB_PARAMS(DB_INT("id", id)), ret_event, err);
    *ret_event = event;
    return 1;
}

int event_load_by_hash(struct read *r, const unsigned char hash[EVENT_HASH_BYTES],
                       struct event **ret_event, struct err *err)
{
    struct event *event = event_cache_find_hash(r->store->events, hash);
    if (!event)
        return load_one(r, &EVENT_LOAD_HASH,
                        DB_PARAMS(DB_BYTES("head", str_make(hash, HASH_HEAD_BYTES)),
                                  DB_BYTES("hash", str_make(hash, EVENT_HASH_BYTES))),
                        ret_event, err);
    *ret_event = event;
    return 1;
}

int event_find_sent(struct store *store, int64_t device, int64_t room, struct str txn,
                    struct event **ret_event)
{
    struct event *event = event_cache_find_txn(store->events, device, room, txn);
    if (event && event->origin_server_ts < clock_wall_ms() - LIMIT_TXN_AGE_MS) {
        event_unref(event); /* forgotten (service/expiry.h): it may be sent again */
        event = NULL;
    }
    if (event)
        *ret_event = event;
    return event != NULL;
}

static int read_missing(struct read *r, struct db_query *query, struct int_map *found,
                        struct err *err)
{
    int more;
    while ((more = db_step(query, err)) > 0) {
        struct event *event;
        if (read_row(r, query, &event, err) < 0)
            return -1;
        struct event *old = int_map_put(found, event->id, event);
        event_unref(old);
    }
    return more;
}

static int load_missing(struct read *r, const int64_t *ids, size_t n, struct int_map *found,
                        struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &EVENT_LOAD_MANY, DB_PARAMS(DB_INT_LIST("ids", ids, n)), &query, err) < 0)
        return -1;
    return read_missing(r, query, found, err);
}

static void fill(const int64_t *ids, size_t n, const struct int_map *found,
                 struct event **ret_events)
{
    for (size_t i = 0; i < n; i++) {
        if (ret_events[i])
            continue;
        ret_events[i] = int_map_find(found, ids[i]);
        if (ret_events[i])
            event_ref(ret_events[i]);
    }
}

static void found_done(struct int_map *found)
{
    size_t at = 0;
    int64_t id;
    void *event;
    while (int_map_next(found, &at, &id, &event))
        event_unref(event);
    int_map_done(found);
}

int event_load_many(struct read *r, const int64_t *ids, size_t n, struct event **ret_events,
                    struct err *err)
{
    CLEANUP(found_done) struct int_map found = {0};
    VEC(int64_t) missing = {0};
    for (size_t i = 0; i < n; i++) {
        ret_events[i] = event_cache_find(r->store->events, ids[i]);
        if (!ret_events[i])
            VEC_ADD(&missing, ids[i]);
    }
    int result = missing.n ? load_missing(r, missing.p, missing.n, &found, err) : 0;
    VEC_DONE(&missing);
    for (size_t i = 0; result < 0 && i < n; i++)
        event_unref(ret_events[i]);
    if (result == 0)
        fill(ids, n, &found, ret_events);
    return result;
}
