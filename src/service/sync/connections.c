/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/connections.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

struct generation {
    int64_t seq; /* 0: none */
    struct sync_token at;
    struct sliding_content *content; /* referenced */
};

struct connection {
    int64_t owner;
    struct str conn_id; /* owned */
    struct connection *newer, *older;
    int64_t used_ms;
    uint64_t ticket;
    struct http_exchange *x; /* referenced: the holder, while it is parked */
    struct generation came, given;
};

/* The connections of one device. */
struct owner {
    VEC(struct connection *) connections;
};

struct connections {
    pthread_mutex_t lock;
    struct int_map owners;            /* device → struct owner */
    struct int_map tickets;           /* ticket → struct connection */
    struct connection *first, *last;  /* the one used last, and the one not used for longest */
    struct connections_counts counts; /* bytes: of what the generations hold */
    uint64_t next_ticket;
    int64_t next_seq;
    VEC(struct http_exchange *) waking; /* to be run again once the lock is released */
};

static void lock(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
}

static void unlock(struct connections *all)
{
    VEC(struct http_exchange *) waking = {all->waking.p, all->waking.n, all->waking.capacity};
    all->waking.p = NULL;
    all->waking.n = all->waking.capacity = 0;
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < waking.n; i++) {
        http_rerun(waking.p[i]);
        http_unref(waking.p[i]);
    }
    VEC_DONE(&waking);
}

/* ---- generations ---- */

static void drop(struct connections *all, struct generation *generation)
{
    if (generation->content)
        all->counts.bytes -= sliding_content_bytes(generation->content);
    sliding_content_unref(generation->content);
    *generation = (struct generation){0};
}

static void set(struct connections *all, struct generation *generation, int64_t seq,
                const struct sync_token *at, struct sliding_content *content)
{
    drop(all, generation);
    *generation = (struct generation){seq, *at, sliding_content_ref(content)};
    all->counts.bytes += sliding_content_bytes(content);
}

/* ---- the order of use ---- */

static void unlink_one(struct connections *all, struct connection *connection)
{
    *(connection->newer ? &connection->newer->older : &all->first) = connection->older;
    *(connection->older ? &connection->older->newer : &all->last) = connection->newer;
    connection->newer = connection->older = NULL;
}

static void put_first(struct connections *all, struct connection *connection)
{
    connection->older = all->first;
    *(all->first ? &all->first->newer : &all->last) = connection;
    all->first = connection;
    connection->used_ms = clock_monotonic_ms();
}

static void wake(struct connections *all, struct connection *connection)
{
    if (connection->x)
        VEC_ADD(&all->waking, connection->x);
    connection->x = NULL;
}

static void forget(struct connections *all, struct connection *connection)
{
    struct owner *owner = int_map_find(&all->owners, connection->owner);
    size_t kept = 0;
    for (size_t i = 0; i < owner->connections.n; i++)
        if (owner->connections.p[i] != connection)
            owner->connections.p[kept++] = owner->connections.p[i];
    owner->connections.n = kept;
    if (kept == 0) {
        int_map_remove(&all->owners, connection->owner);
        VEC_DONE(&owner->connections);
        mem_free(owner);
    }
    int_map_remove(&all->tickets, (int64_t)connection->ticket);
    unlink_one(all, connection);
    wake(all, connection);
    drop(all, &connection->came);
    drop(all, &connection->given);
    all->counts.connections--;
    mem_free((void *)(uintptr_t)connection->conn_id.p);
    mem_free(connection);
}

/* Those not used for long go, and as many more as there are too many. */
static void make_room(struct connections *all, const struct connection *keep)
{
    int64_t now_ms = clock_monotonic_ms();
    while (all->last && all->last != keep &&
           (all->counts.connections > LIMIT_SLIDING_CONNECTIONS ||
            all->counts.bytes > LIMIT_SLIDING_BYTES ||
            (!all->last->x && now_ms - all->last->used_ms > LIMIT_SLIDING_IDLE_MS)))
        forget(all, all->last);
}

/* ---- finding ---- */

static struct connection *find(struct connections *all, int64_t owner_id, struct str conn_id)
{
    const struct owner *owner = int_map_find(&all->owners, owner_id);
    for (size_t i = 0; owner && i < owner->connections.n; i++)
        if (str_eq(owner->connections.p[i]->conn_id, conn_id))
            return owner->connections.p[i];
    return NULL;
}

static struct connection *oldest_of(const struct owner *owner)
{
    struct connection *oldest = owner->connections.p[0];
    for (size_t i = 1; i < owner->connections.n; i++)
        if (owner->connections.p[i]->used_ms < oldest->used_ms)
            oldest = owner->connections.p[i];
    return oldest;
}

static struct connection *add(struct connections *all, int64_t owner_id, struct str conn_id)
{
    struct owner *owner = int_map_find(&all->owners, owner_id);
    if (owner && owner->connections.n >= LIMIT_SLIDING_PER_DEVICE)
        forget(all, oldest_of(owner));
    if (!owner) {
        owner = MEM_NEW(struct owner);
        int_map_put(&all->owners, owner_id, owner);
    }
    struct connection *connection = MEM_NEW(struct connection);
    connection->owner = owner_id;
    connection->conn_id = str_make(mem_copy(conn_id.n ? conn_id.p : "", conn_id.n), conn_id.n);
    VEC_RESERVE(&owner->connections, 1);
    VEC_ADD(&owner->connections, connection);
    put_first(all, connection);
    all->counts.connections++;
    make_room(all, connection);
    return connection;
}

/* The client has what it came with: the other generation is not needed any more. */
static bool settle(struct connections *all, struct connection *connection, int64_t seq)
{
    if (seq == 0) {
        drop(all, &connection->came);
        drop(all, &connection->given);
        return true;
    }
    if (connection->given.seq == seq) {
        drop(all, &connection->came);
        connection->came = connection->given;
        connection->given = (struct generation){0};
    }
    return connection->came.seq == seq;
}

static void give_ticket(struct connections *all, struct connection *connection,
                        struct connection_hold *hold)
{
    wake(all, connection);
    int_map_remove(&all->tickets, (int64_t)connection->ticket);
    connection->ticket = hold->ticket = ++all->next_ticket;
    int_map_put(&all->tickets, (int64_t)connection->ticket, connection);
}

static enum connection_state take(struct connections *all, int64_t owner, struct str conn_id,
                                  int64_t seq, struct connection_hold *hold)
{
    struct connection *connection = find(all, owner, conn_id);
    if (hold->ticket && !connection)
        return CONNECTION_UNKNOWN;
    if (hold->ticket && connection->ticket != hold->ticket)
        return CONNECTION_SUPERSEDED;
    if (!connection && seq)
        return CONNECTION_UNKNOWN;
    if (!connection)
        connection = add(all, owner, conn_id);
    if (!settle(all, connection, seq))
        return CONNECTION_UNKNOWN;
    if (!hold->ticket)
        give_ticket(all, connection, hold);
    unlink_one(all, connection);
    put_first(all, connection);
    hold->seq = connection->came.seq;
    hold->at = connection->came.at;
    hold->content = connection->came.content ? sliding_content_ref(connection->came.content) : NULL;
    return CONNECTION_HELD;
}

enum connection_state connections_take(struct connections *all, int64_t owner, struct str conn_id,
                                       int64_t seq, struct connection_hold *hold)
{
    lock(all);
    enum connection_state state = take(all, owner, conn_id, seq, hold);
    unlock(all);
    return state;
}

int64_t connections_new_seq(struct connections *all)
{
    lock(all);
    int64_t seq = ++all->next_seq;
    unlock(all);
    return seq;
}

void connections_advance(struct connections *all, const struct connection_hold *hold,
                         const struct sync_token *at, struct sliding_content *content)
{
    lock(all);
    struct connection *connection = int_map_find(&all->tickets, (int64_t)hold->ticket);
    if (connection && connection->came.seq && connection->came.seq == hold->seq) {
        connection->came.at = *at;
        if (content)
            set(all, &connection->came, hold->seq, at, content);
    }
    unlock(all);
}

bool connections_publish(struct connections *all, const struct connection_hold *hold, int64_t seq,
                         const struct sync_token *at, struct sliding_content *content)
{
    lock(all);
    struct connection *connection = int_map_find(&all->tickets, (int64_t)hold->ticket);
    if (connection)
        set(all, &connection->given, seq, at, content);
    if (connection)
        make_room(all, connection);
    unlock(all);
    return connection != NULL;
}

void connections_park(struct connections *all, uint64_t ticket, struct http_exchange *x)
{
    lock(all);
    struct connection *connection = int_map_find(&all->tickets, (int64_t)ticket);
    http_ref(x);
    if (connection && !connection->x)
        connection->x = x;
    else
        VEC_ADD(&all->waking, x); /* superseded since: it is to end */
    unlock(all);
}

void connections_unpark(struct connections *all, uint64_t ticket)
{
    struct http_exchange *x = NULL;
    lock(all);
    struct connection *connection = int_map_find(&all->tickets, (int64_t)ticket);
    if (connection) {
        x = connection->x;
        connection->x = NULL;
    }
    unlock(all);
    if (x)
        http_unref(x);
}

void connections_count(struct connections *all, struct connections_counts *ret_counts)
{
    lock(all);
    *ret_counts = all->counts;
    unlock(all);
}

/* ---- life ---- */

struct connections *connections_new(void)
{
    struct connections *all = MEM_NEW(struct connections);
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void connections_free(struct connections *all)
{
    if (!all)
        return;
    lock(all);
    while (all->last)
        forget(all, all->last);
    unlock(all);
    int_map_done(&all->owners);
    int_map_done(&all->tickets);
    VEC_DONE(&all->waking);
    pthread_mutex_destroy(&all->lock);
    mem_free(all);
}
