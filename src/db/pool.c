/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/wait.h"
#include "db/engine.h"

enum { WAIT_MS = 10000 };

void pool_init(struct db *db, const struct db_options *options)
{
    db->readers_max = options->readers_max ? options->readers_max : LIMIT_DB_READERS;
    db->wait_ms = options->busy_timeout_ms ? options->busy_timeout_ms : WAIT_MS;
    pthread_mutex_init(&db->pool_lock, NULL);
    wait_init(&db->pool_free);
}

void pool_done(struct db *db)
{
    CHECK(db->readers == db->idle.n); /* every reader was given back */
    for (size_t i = 0; i < db->idle.n; i++)
        db_conn_close(db->idle.p[i]);
    VEC_DONE(&db->idle);
    pthread_cond_destroy(&db->pool_free);
    pthread_mutex_destroy(&db->pool_lock);
}

/* With the lock held: waits until fewer than `max` are taken. */
static int wait_for_place(struct db *db, size_t max)
{
    int64_t until = clock_monotonic_ms() + db->wait_ms;
    bool in_time = true;
    while (in_time && db->readers - db->idle.n >= max)
        in_time = wait_until(&db->pool_free, &db->pool_lock, until);
    return in_time ? 0 : -1;
}

/* Takes an idle reader, or a place for a new one (*ret_conn is NULL). */
static int take_place(struct db *db, size_t max, struct db_conn **ret_conn)
{
    *ret_conn = NULL;
    pthread_mutex_lock(&db->pool_lock);
    int result = wait_for_place(db, max);
    if (result == 0 && db->idle.n)
        *ret_conn = db->idle.p[--db->idle.n];
    else if (result == 0)
        db->readers++;
    pthread_mutex_unlock(&db->pool_lock);
    return result;
}

/* conn is NULL when only its place is given back. */
static void give_place(struct db *db, struct db_conn *conn)
{
    pthread_mutex_lock(&db->pool_lock);
    if (conn)
        VEC_ADD(&db->idle, conn);
    else
        db->readers--;
    pthread_cond_broadcast(&db->pool_free); /* not all that wait may take the last places */
    pthread_mutex_unlock(&db->pool_lock);
}

/* A reader that was idle while the database was restarted is dead: there may be many. */
static int take_living(struct db *db, size_t max, struct db_conn **ret_conn)
{
    for (;;) {
        int result = take_place(db, max, ret_conn);
        if (result || !*ret_conn || !db->ops->has_ended || !db->ops->has_ended(*ret_conn))
            return result;
        db_conn_close(*ret_conn);
        give_place(db, NULL);
    }
}

static int take(struct db *db, size_t max, struct db_conn **ret_conn, struct err *err)
{
    struct db_conn *conn;
    if (take_living(db, max, &conn))
        return err_internal(err, "all %zu database readers are taken", max);
    if (!conn && db_conn_open(db, DB_MODE_READ, &conn, err)) {
        give_place(db, NULL);
        return -1;
    }
    *ret_conn = conn;
    return 0;
}

int db_reader_take(struct db *db, struct db_conn **ret_conn, struct err *err)
{
    return take(db, db->readers_max, ret_conn, err);
}

int db_reader_take_briefly(struct db *db, struct db_conn **ret_conn, struct err *err)
{
    return take(db, db->readers_max + LIMIT_DB_READERS_MORE, ret_conn, err);
}

void db_reader_give(struct db *db, struct db_conn *conn)
{
    if (!conn)
        return;
    CHECK(conn->queries == 0);
    db_rollback(conn);
    if (conn->lost || conn->fatal) {
        db_conn_close(conn);
        conn = NULL;
    }
    give_place(db, conn);
}
