/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/private.h"

/* Several nodes on one PostgreSQL. Each hears hints on a connection of its own: that the log has
 * moved, and what others say of what lives in memory. A hint may be lost, and the connection too:
 * the log is looked at by the clock as well. Each text begins with the node that says it.
 *
 * A node that hears nobody tells nobody that the log has moved: it would wake itself. Who listens
 * holds a lock that all may share; each counts the holders by the clock, and who begins to listen
 * says so after it has taken the lock, so that a batch committed after that is hinted at. */

#define CHANNEL   "chappe"
#define FOLLOW_MS 1000
/* Texts that wait while the database is away; more are dropped. */
#define SAID_MAX  1000
#define NODE_FMT  "%016llx"
#define NODE_TEXT 16

static const struct db_stmt FOLLOW_SAY = {
    "follow_say",
    "SELECT pg_notify('" CHANNEL "', convert_from(:text, 'UTF8'))",
};

/* One lock a store, which has a schema of its own. The number is "chap". */
#define EARS "1667785072"
static const struct db_stmt FOLLOW_SHARE = {
    "follow_share",
    "SELECT count(*) FROM (SELECT pg_advisory_lock_shared(" EARS ", hashtext(current_schema())))"
    " AS held",
};
static const struct db_stmt FOLLOW_COUNT = {
    "follow_count",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = " EARS " AND objsubid = 2 AND CAST(objid AS bigint) ="
    " (CAST(hashtext(current_schema()) AS bigint) & 4294967295)",
};

int follow_init(struct follow *follow, struct err *err)
{
    pthread_mutex_init(&follow->lock, NULL);
    atomic_store(&follow->is_heard, true);
    follow->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return follow->wake_fd < 0 ? err_internal(err, "eventfd: %s", strerror(errno)) : 0;
}

void follow_done(struct follow *follow)
{
    for (size_t i = 0; i < follow->said.n; i++)
        mem_free(follow->said.p[i]);
    VEC_DONE(&follow->said);
    if (follow->wake_fd >= 0)
        close(follow->wake_fd);
    pthread_mutex_destroy(&follow->lock);
}

void follow_wake(struct follow *follow)
{
    (void)!eventfd_write(follow->wake_fd, 1);
}

/* ---- saying ---- */

static char *compose(const struct store *store, struct str text)
{
    char line[NODE_TEXT + STORE_SAY_MAX + 1];
    int n = snprintf(line, sizeof line, NODE_FMT "%.*s", (unsigned long long)store->node,
                     STR_ARG(str_first(text, STORE_SAY_MAX)));
    return mem_copy(line, (size_t)n + 1);
}

void store_say(struct store *store, struct str text)
{
    struct follow *follow = &store->follow;
    if (store->engine == DB_ENGINE_SQLITE)
        return;
    pthread_mutex_lock(&follow->lock);
    if (follow->said.n < SAID_MAX)
        VEC_ADD(&follow->said, compose(store, text));
    pthread_mutex_unlock(&follow->lock);
    follow_wake(follow);
}

int follow_hint(struct write *w, struct err *err)
{
    char text[NODE_TEXT + 1];
    if (w->log.n == 0 || !atomic_load(&w->store->follow.is_heard))
        return 0;
    snprintf(text, sizeof text, NODE_FMT, (unsigned long long)w->store->node);
    return db_exec(w->conn, &FOLLOW_SAY, DB_PARAMS(DB_BYTES("text", str_from(text))), err);
}

static char *take_said(struct follow *follow)
{
    char *text = NULL;
    pthread_mutex_lock(&follow->lock);
    if (follow->said.n) {
        text = follow->said.p[0];
        follow->said.n--;
        memmove(follow->said.p, follow->said.p + 1, follow->said.n * sizeof *follow->said.p);
    }
    pthread_mutex_unlock(&follow->lock);
    return text;
}

static int send_said(struct store *store, struct db_conn *ear, struct err *err)
{
    int result = 0;
    for (char *text; result == 0 && (text = take_said(&store->follow)); mem_free(text))
        result = db_exec(ear, &FOLLOW_SAY, DB_PARAMS(DB_BYTES("text", str_from(text))), err);
    return result;
}

/* ---- hearing ---- */

void store_set_hearer(struct store *store, store_hearer hearer, void *arg)
{
    pthread_mutex_lock(&store->follow.lock);
    store->follow.hearer = hearer;
    store->follow.hearer_arg = arg;
    pthread_mutex_unlock(&store->follow.lock);
}

static void hear(void *arg, struct str text)
{
    struct store *store = arg;
    struct follow *follow = &store->follow;
    char own[NODE_TEXT + 1];
    snprintf(own, sizeof own, NODE_FMT, (unsigned long long)store->node);
    if (str_starts(text, str_from(own)))
        return;
    atomic_store(&follow->is_heard, true);
    follow->moved |= text.n <= NODE_TEXT;
    if (text.n <= NODE_TEXT)
        return;
    pthread_mutex_lock(&follow->lock);
    store_hearer hearer = follow->hearer;
    void *hearer_arg = follow->hearer_arg;
    pthread_mutex_unlock(&follow->lock);
    if (hearer)
        hearer(hearer_arg, str_skip(text, NODE_TEXT));
}

int store_follow(struct store *store, struct err *err)
{
    return store->engine == DB_ENGINE_SQLITE ? 0 : deliver_others(store, err);
}

int store_keep_up(struct store *store, struct err *err)
{
    if (store->engine == DB_ENGINE_SQLITE ||
        clock_monotonic_ms() - atomic_load(&store->followed_ms) <= STORE_LAG_MS)
        return 0;
    return deliver_others(store, err);
}

/* ---- the thread's turn ---- */

/* Who says something in the meantime is heard after. */
static int count_ears(struct store *store, struct db_conn *ear, struct err *err)
{
    int64_t n;
    if (db_query_int(ear, &FOLLOW_COUNT, DB_NO_PARAMS, &n, err) < 0)
        return -1;
    atomic_store(&store->follow.is_heard, n > 1);
    return 0;
}

static int look(struct store *store, struct db_conn *ear, struct err *err)
{
    struct follow *follow = &store->follow;
    int64_t now_ms = clock_monotonic_ms();
    bool is_time = now_ms - follow->looked_ms >= FOLLOW_MS;
    if (!follow->moved && !is_time)
        return 0;
    if (is_time && count_ears(store, ear, err) < 0)
        return -1;
    follow->moved = false;
    follow->looked_ms = now_ms;
    return deliver_others(store, err);
}

static int open_ear(struct store *store, struct db_conn **ear, struct err *err)
{
    char text[NODE_TEXT + 1];
    int64_t n;
    snprintf(text, sizeof text, NODE_FMT, (unsigned long long)store->node);
    if (db_conn_open(store->db, DB_MODE_READ, ear, err) < 0 || db_listen(*ear, CHANNEL, err) < 0 ||
        db_query_int(*ear, &FOLLOW_SHARE, DB_NO_PARAMS, &n, err) < 0)
        return -1;
    return db_exec(*ear, &FOLLOW_SAY, DB_PARAMS(DB_BYTES("text", str_from(text))), err);
}

static int listen_and_follow(struct store *store, struct db_conn **ear, struct err *err)
{
    struct follow *follow = &store->follow;
    eventfd_t ignored;
    follow->moved |= !*ear; /* what was said meanwhile was not heard */
    if (!*ear && open_ear(store, ear, err) < 0)
        return -1;
    if (send_said(store, *ear, err) < 0 || look(store, *ear, err) < 0 ||
        db_wait(*ear, FOLLOW_MS, follow->wake_fd, hear, store, err) < 0)
        return -1;
    (void)!eventfd_read(follow->wake_fd, &ignored);
    return 0;
}

int follow_turn(struct store *store, struct db_conn **ear, struct err *err)
{
    if (listen_and_follow(store, ear, err) == 0)
        return 0;
    atomic_store(&store->follow.is_heard, true); /* until the others are counted again */
    db_conn_close(*ear);
    *ear = NULL;
    return -1;
}
