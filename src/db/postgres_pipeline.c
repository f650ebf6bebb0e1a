/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "db/postgres.h"

/* ---- failures ---- */

const char *postgres_message(struct postgres_conn *conn)
{
    char *message = PQerrorMessage(conn->handle);
    size_t n = strlen(message);
    while (n && message[n - 1] == '\n')
        message[--n] = '\0';
    return message;
}

/* Nothing that was sent will be answered. */
int postgres_lose(struct postgres_conn *conn, int64_t tag, struct err *err)
{
    conn_fail(&conn->conn, FAILURE_LOST, tag);
    VEC_CLEAR(&conn->sent);
    return err_internal(err, "postgresql: connection lost: %s", postgres_message(conn));
}

/* By the class of the SQLSTATE (appendix A of the manual). */
static enum failure classify(const char *state)
{
    static const char *const fatal[] = {"58030", "XX001", "XX002"};
    static const char *const logical[] = {"0A", "21", "22", "23", "42", "44", "54"};
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        if (strcmp(state, fatal[i]) == 0)
            return FAILURE_FATAL;
    for (size_t i = 0; i < ARRAY_LEN(logical); i++)
        if (strncmp(state, logical[i], 2) == 0)
            return FAILURE_LOGICAL;
    return FAILURE_PASSING;
}

static int fail_by_server(struct postgres_conn *conn, const struct postgres_item *item,
                          const PGresult *result, struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    state = state ? state : "";
    conn_fail(&conn->conn, classify(state), item->tag);
    return err_internal(err, "postgresql: %s: %s (%s)", item->what, text ? text : "", state);
}

static int fail_expectation(struct postgres_conn *conn, const struct postgres_item *item,
                            PGresult *result, struct err *err)
{
    conn_fail(&conn->conn, FAILURE_LOGICAL, item->tag);
    return err_moved(err, "statement %s touched %s rows, not %lld", item->what, PQcmdTuples(result),
                     (long long)item->expect);
}

/* ---- sending ---- */

int postgres_sent(struct postgres_conn *conn, struct postgres_item item, int ok, size_t bytes,
                  struct err *err)
{
    if (ok) {
        VEC_ADD(&conn->sent, item);
        conn->sent_bytes += bytes;
        return 0;
    }
    if (PQstatus(conn->handle) == CONNECTION_BAD)
        return postgres_lose(conn, item.tag, err);
    conn_fail(&conn->conn, FAILURE_PASSING, item.tag);
    return err_internal(err, "postgresql: %s: %s", item.what, postgres_message(conn));
}

int postgres_send_text(struct postgres_conn *conn, const char *sql, struct postgres_item item,
                       struct err *err)
{
    int ok = PQsendQueryParams(conn->handle, sql, 0, NULL, NULL, NULL, NULL, 1);
    return postgres_sent(conn, item, ok, strlen(sql), err);
}

int postgres_send_begin(struct postgres_conn *conn, struct err *err)
{
    if (!conn->to_begin)
        return 0;
    conn->to_begin = false;
    conn->begun = true;
    return postgres_send_text(
        conn,
        conn->conn.mode == DB_MODE_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                        : "BEGIN",
        (struct postgres_item){.kind = POSTGRES_COMMAND, .what = "begin", .expect = -1}, err);
}

static int send_sync(struct postgres_conn *conn, struct err *err)
{
    struct postgres_item item = {.kind = POSTGRES_SYNC, .what = "sync", .expect = -1};
    return postgres_sent(conn, item, PQpipelineSync(conn->handle), 0, err);
}

void postgres_send_rollback(struct postgres_conn *conn)
{
    struct postgres_item item = {
        .kind = POSTGRES_COMMAND, .what = "rollback", .expect = -1, .forgotten = true};
    struct err ignored = ERR_INIT;
    for (size_t i = 0; i < conn->sent.n; i++)
        conn->sent.p[i].forgotten = true;
    /* After a failed statement the server skips all up to the next synchronisation point. */
    if (conn->sent.n && send_sync(conn, &ignored))
        return;
    if (postgres_send_text(conn, "ROLLBACK", item, &ignored) || send_sync(conn, &ignored))
        return;
    (void)!PQflush(conn->handle);
}

/* ---- reading ---- */

/* Whether a writer has waited long enough for a server that says nothing: for ever, but when the
 * program is about to stop. A COMMIT may wait for a standby that is gone. */
static bool has_waited(const struct postgres_conn *conn, int silent_s)
{
    return silent_s >= LIMIT_DB_HURRY_S && conn->conn.mode == DB_MODE_WRITE &&
           atomic_load(&conn->conn.db->hurries);
}

/* Sends and receives, so that neither side waits for the other for ever, until a result can be
 * taken without waiting. -1: the connection is dead, or given up. */
static int wait_for_result(struct postgres_conn *conn)
{
    for (int silent_s = 0;; silent_s++) {
        int unsent = PQflush(conn->handle);
        if (unsent < 0)
            return -1;
        if (!PQisBusy(conn->handle))
            return 0;
        struct pollfd fd = {.fd = PQsocket(conn->handle),
                            .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
        int ready = poll(&fd, 1, 1000);
        if ((ready < 0 && errno != EINTR) || (ready == 0 && has_waited(conn, silent_s)))
            return -1;
        silent_s = ready > 0 ? -1 : silent_s;
        if (fd.revents & ~POLLOUT && !PQconsumeInput(conn->handle) && PQisBusy(conn->handle))
            return -1;
    }
}

/* An error that libpq made up, since the server did not answer. */
static bool is_dead(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_FATAL_ERROR &&
           !PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

/* The session ended with this error: had it done the COMMIT before? */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

static int judge_error(struct postgres_conn *conn, const struct postgres_item *item,
                       PGresult *result, struct err *err)
{
    if (item->kind == POSTGRES_PREPARE)
        item->entry->prepared = false;
    if (item->forgotten)
        return 0;
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        return -1; /* the statement that failed before it has filled err */
    if (item->kind == POSTGRES_COMMIT)
        conn->conn.uncertain = ends_session(result);
    return fail_by_server(conn, item, result, err);
}

/* What one result says of its item. */
static int judge(struct postgres_conn *conn, const struct postgres_item *item, PGresult *result,
                 struct err *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_ABORTED || status == PGRES_FATAL_ERROR)
        return judge_error(conn, item, result, err);
    if (item->forgotten)
        return 0;
    if (item->expect >= 0) {
        int64_t touched = -1;
        if (str_parse_uint(str_from(PQcmdTuples(result)), &touched) || touched != item->expect)
            return fail_expectation(conn, item, result, err);
    }
    /* COMMIT of a transaction that has failed is a ROLLBACK that reports no error. */
    if (item->kind == POSTGRES_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        conn_fail(&conn->conn, FAILURE_PASSING, item->tag);
        return err_internal(err, "postgresql: the transaction was rolled back");
    }
    return 0;
}

/* The outcome of one item. *ret_dead: the connection died before all of it was read. */
static int read_item(struct postgres_conn *conn, const struct postgres_item *item,
                     PGresult **ret_rows, bool *ret_dead, struct err *err)
{
    int outcome = 0;
    PGresult *result;
    while (!(*ret_dead = wait_for_result(conn) != 0)) {
        result = PQgetResult(conn->handle);
        *ret_dead = result ? is_dead(result) : PQstatus(conn->handle) == CONNECTION_BAD;
        if (*ret_dead || !result) {
            PQclear(result);
            return outcome;
        }
        if (item->kind != POSTGRES_SYNC && judge(conn, item, result, err))
            outcome = -1;
        if (outcome == 0 && item->kind == POSTGRES_QUERY && ret_rows && !*ret_rows)
            *ret_rows = result;
        else
            PQclear(result);
        if (item->kind == POSTGRES_SYNC)
            return 0;
    }
    return outcome;
}

static bool has_commit(const struct postgres_conn *conn)
{
    for (size_t i = 0; i < conn->sent.n; i++)
        if (conn->sent.p[i].kind == POSTGRES_COMMIT)
            return true;
    return false;
}

/* The connection died with the items from `at` on unanswered. A COMMIT among what was sent may have
 * been done, unless a statement had failed: when it was answered, and what follows it was not, the
 * transaction is there, and must not be taken for lost. */
static int lose_items(struct postgres_conn *conn, size_t at, bool failed, struct err *err)
{
    struct err lost = ERR_INIT;
    if (!failed && has_commit(conn))
        conn->conn.uncertain = true;
    (void)!postgres_lose(conn, conn->sent.p[at].tag, &lost);
    if (!failed)
        *err = lost;
    return -1;
}

static int read_items(struct postgres_conn *conn, PGresult **ret_rows, struct err *err)
{
    bool failed = false, dead = false;
    for (size_t i = 0; i < conn->sent.n; i++) {
        struct postgres_item item = conn->sent.p[i];
        struct err one = ERR_INIT;
        int outcome = read_item(conn, &item, ret_rows, &dead, &one);
        if (outcome && !failed && one.kind != ERR_KIND_NONE) {
            failed = true;
            *err = one;
        }
        if (dead)
            return lose_items(conn, i, failed, err);
    }
    return failed ? -1 : 0;
}

int postgres_drain(struct postgres_conn *conn, PGresult **ret_rows, struct err *err)
{
    PGresult *rows = NULL;
    bool commits = has_commit(conn);
    if (conn->sent.n == 0)
        return 0;
    if (send_sync(conn, err)) {
        conn->conn.uncertain |= commits && conn->conn.lost; /* COMMIT needs no sync to be done */
        return -1;
    }
    int result = read_items(conn, &rows, err);
    VEC_CLEAR(&conn->sent);
    conn->sent_bytes = 0;
    if (result == 0 && ret_rows)
        *ret_rows = rows;
    else
        PQclear(rows);
    return result;
}
