/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/log.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/event_cache.h"
#include "store/private.h"

#define DELIVER_PIECE 1000

static const struct db_stmt LOG_LIST = {
    "log_list",
    "SELECT pos, kind, room, user_id, ref FROM log WHERE pos > :after AND pos <= :head"
    " ORDER BY pos LIMIT :limit",
};
static const struct db_stmt LOG_LIST_USER = {
    "log_list_user",
    "SELECT pos, kind, room, user_id, ref FROM log"
    " WHERE user_id = :user_id AND user_id <> 0 AND pos > :after AND pos <= :head"
    " ORDER BY pos LIMIT :limit",
};
static const struct db_stmt COUNTER_POS = {
    "counter_pos",
    "SELECT pos FROM counter WHERE id = 1",
};

static int read_entries(struct db_query *query, struct arena *arena, struct log_entry **ret_entries,
                        size_t *ret_n, struct err *err)
{
    VEC(struct log_entry) entries = {0};
    int more;
    while ((more = db_step(query, err)) > 0) {
        struct log_entry entry = {
            .pos = db_column_int(query, 0),
            .kind = (enum log_kind)db_column_int(query, 1),
            .room = db_column_int(query, 2),
            .user = db_column_int(query, 3),
            .ref = db_column_int(query, 4),
        };
        ARENA_VEC_ADD(arena, &entries, entry);
    }
    *ret_entries = entries.p;
    *ret_n = entries.n;
    return more;
}

static int list(struct db_conn *conn, int64_t after, int64_t head, size_t limit,
                struct arena *arena, struct log_entry **ret_entries, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &LOG_LIST,
                 DB_PARAMS(DB_INT("after", after), DB_INT("head", head),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_entries(query, arena, ret_entries, ret_n, err);
}

int log_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
             struct log_entry **ret_entries, size_t *ret_n, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return list(conn, after, r->head.pos, limit, arena, ret_entries, ret_n, err);
}

int log_list_user(struct read *r, int64_t user, int64_t after, size_t limit, struct arena *arena,
                  struct log_entry **ret_entries, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOG_LIST_USER,
                 DB_PARAMS(DB_INT("user_id", user), DB_INT("after", after),
                           DB_INT("head", r->head.pos), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_entries(query, arena, ret_entries, ret_n, err);
}

/* ---- the head, and who is told of it ---- */

struct log_position store_head(const struct store *store)
{
    return (struct log_position){store->epoch, atomic_load(&store->head)};
}

void store_set_listener(struct store *store, store_listener listener, void *arg)
{
    pthread_mutex_lock(&store->deliver_lock);
    store->listener = listener;
    store->listener_arg = arg;
    pthread_mutex_unlock(&store->deliver_lock);
}

/* Under the lock. The head moves first: who is woken looks at it. */
static void deliver(struct store *store, const struct log_entry *entries, size_t n, int64_t head)
{
    atomic_store(&store->head, head);
    if (store->listener && n)
        store->listener(store->listener_arg, entries, n);
}

/* What other nodes have redacted or purged is not what the cache holds. */
static void drop_rewritten(struct store *store, const struct log_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (entries[i].kind == LOG_KIND_REDACTION)
            event_cache_drop(store->events, entries[i].ref, entries[i].pos);
        else if (entries[i].kind == LOG_KIND_PURGE && entries[i].room)
            event_cache_drop_room(store->events, entries[i].room, entries[i].pos);
}

/* Under the lock: entries after the head up to `to`, in pieces. */
static int deliver_from_store(struct store *store, struct db_conn *conn, int64_t to,
                              struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    int64_t head = atomic_load(&store->head);
    while (head < to) {
        struct log_entry *entries;
        size_t n;
        arena_reset(arena);
        if (list(conn, head, to, DELIVER_PIECE, arena, &entries, &n, err) < 0)
            return -1;
        drop_rewritten(store, entries, n);
        head = n < DELIVER_PIECE ? to : entries[n - 1].pos;
        deliver(store, entries, n, head);
    }
    return 0;
}

static int deliver_gap(struct store *store, int64_t to, struct err *err)
{
    struct db_conn *conn;
    if (atomic_load(&store->head) >= to)
        return 0;
    if (db_reader_take_briefly(store->db, &conn, err) < 0)
        return -1;
    int result = deliver_from_store(store, conn, to, err);
    db_reader_give(store->db, conn);
    return result;
}

/* When the gap cannot be read now, the follower delivers all of it later. */
void deliver_own(struct store *store, int64_t first, const struct log_entry *entries, size_t n,
                 int64_t head)
{
    struct err err = ERR_INIT;
    pthread_mutex_lock(&store->deliver_lock);
    if (deliver_gap(store, first, &err) == 0 && atomic_load(&store->head) < head)
        deliver(store, entries, n, head);
    pthread_mutex_unlock(&store->deliver_lock);
}

int deliver_others(struct store *store, struct err *err)
{
    struct db_conn *conn;
    int64_t pos = 0, asked_ms = clock_monotonic_ms();
    if (db_reader_take_briefly(store->db, &conn, err) < 0)
        return -1;
    int result = db_query_int(conn, &COUNTER_POS, DB_NO_PARAMS, &pos, err);
    db_reader_give(store->db, conn);
    if (result < 0)
        return -1;
    pthread_mutex_lock(&store->deliver_lock);
    result = deliver_gap(store, pos, err);
    if (result == 0)
        atomic_store(&store->followed_ms, asked_ms);
    pthread_mutex_unlock(&store->deliver_lock);
    return result;
}
