/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/postgres.h"

int postgres_listen(struct db_conn *base, const char *channel, struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    char sql[80];
    if (!*channel || strspn(channel, "abcdefghijklmnopqrstuvwxyz_") != strlen(channel) ||
        snprintf(sql, sizeof sql, "LISTEN %s", channel) >= (int)sizeof sql)
        return err_internal(err, "postgresql: no channel is called like that");
    struct postgres_item item = {
        .kind = POSTGRES_COMMAND, .what = "listen", .tag = base->tag, .expect = -1};
    return postgres_send_text(conn, sql, item, err) ? -1 : postgres_drain(conn, NULL, err);
}

static bool take_hints(struct postgres_conn *conn, db_hearer hear, void *arg)
{
    bool came = false;
    for (PGnotify *hint; (hint = PQnotifies(conn->handle)); came = true) {
        if (hear)
            hear(arg, str_from(hint->extra));
        PQfreemem(hint);
    }
    return came;
}

/* 1: the server has sent something; 0: time or wake_fd; -1. */
static int wait_for_bytes(struct postgres_conn *conn, int64_t timeout_ms, int wake_fd)
{
    struct pollfd fds[] = {{.fd = PQsocket(conn->handle), .events = POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    int ready = poll(fds, 2, (int)timeout_ms);
    if (ready < 0)
        return errno == EINTR ? 0 : -1;
    return fds[0].revents != 0;
}

/* Bytes need not be a hint: then what is left of the time is waited for. */
int postgres_wait(struct db_conn *base, int64_t timeout_ms, int wake_fd, db_hearer hear, void *arg,
                  struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    int64_t end = clock_monotonic_ms() + timeout_ms;
    if (postgres_drain(conn, NULL, err))
        return -1;
    for (;;) {
        if (take_hints(conn, hear, arg))
            return 1;
        int64_t left = end - clock_monotonic_ms();
        int ready = wait_for_bytes(conn, left > 0 ? left : 0, wake_fd);
        if (ready == 0)
            return 0;
        if (ready < 0 || !PQconsumeInput(conn->handle) || PQstatus(conn->handle) == CONNECTION_BAD)
            return postgres_lose(conn, base->tag, err);
    }
}
