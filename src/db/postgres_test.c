/* SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unit.h"
#include "db/db.h"
#include "db/db_unit.h"
#include "db/postgres.h"

/* What only a server can do: end a connection at the worst moment. */

static const char schema[] =
    "CREATE TABLE item (id {pk});"
    "CREATE TABLE deadly (id {pk});"
    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "    PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON deadly"
    "    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();"
    "CREATE TABLE never (id {pk}, CONSTRAINT fails FOREIGN KEY (id) REFERENCES item (id)"
    "    DEFERRABLE INITIALLY DEFERRED)";

static const struct db_stmt item_insert = {"item_insert", "INSERT INTO item (id) VALUES (:id)"};
static const struct db_stmt item_count = {"item_count", "SELECT count(*) FROM item"};
static const struct db_stmt deadly_insert = {"deadly_insert",
                                             "INSERT INTO deadly (id) VALUES (:id)"};
static const struct db_stmt never_insert = {"never_insert", "INSERT INTO never (id) VALUES (:id)"};
static const struct db_stmt die = {"die", "SELECT pg_terminate_backend(pg_backend_pid())"};
static const struct db_stmt commit_is_on = {"commit_is_on",
                                            "SELECT current_setting('synchronous_commit') = 'on'"};

static const struct db_stmt time_is_bounded = {
    "time_is_bounded", "SELECT current_setting('statement_timeout') <> '0'"};

struct fixture {
    struct db_unit *unit;
    struct db *db;
    struct db_conn *conn;
    struct err err;
};

static void ok(struct fixture *f, int result)
{
    if (result < 0)
        print_error("%s / %s\n", f->err.text, f->err.detail);
    assert_true(result >= 0);
}

static int set_up(void **state)
{
    struct fixture *f = *state;
    f->unit = db_unit_new(DB_ENGINE_POSTGRESQL);
    ok(f, db_open(db_unit_uri(f->unit), NULL, &f->db, &f->err));
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
    ok(f, db_run_script(f->conn, schema, &f->err));
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_conn_close(f->conn);
    db_close(f->db);
    db_unit_free(f->unit);
    return 0;
}

static void insert(struct fixture *f, const struct db_stmt *stmt, int64_t id)
{
    ok(f, db_exec(f->conn, stmt, DB_PARAMS(DB_INT("id", id)), &f->err));
}

static void expect_items(struct fixture *f, int64_t expected)
{
    int64_t n;
    ok(f, db_query_int(f->conn, &item_count, DB_NO_PARAMS, &n, &f->err));
    assert_int_equal(n, expected);
}

static void open_again(struct fixture *f)
{
    assert_true(db_conn_is_lost(f->conn));
    assert_false(db_error_is_fatal(f->conn));
    assert_int_equal(db_exec(f->conn, &item_insert, DB_PARAMS(DB_INT("id", 9)), &f->err), -1);
    assert_int_equal(db_begin(f->conn, &f->err), -1);
    db_conn_close(f->conn);
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
    expect_items(f, 0);
}

static void test_a_connection_lost_in_commit_is_uncertain(void **state)
{
    struct fixture *f = *state;
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &item_insert, 1);
    insert(f, &deadly_insert, 1);
    assert_int_equal(db_commit(f->conn, &f->err), -1);
    assert_true(db_commit_is_uncertain(f->conn));
    assert_false(db_failure_is_logical(f->conn));
    open_again(f);
}

static void test_a_connection_lost_before_commit_is_certain(void **state)
{
    struct fixture *f = *state;
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &item_insert, 1);
    db_set_tag(f->conn, 4);
    ok(f, db_exec(f->conn, &die, DB_NO_PARAMS, &f->err));
    db_set_tag(f->conn, 5);
    insert(f, &item_insert, 2);
    assert_int_equal(db_commit(f->conn, &f->err), -1);
    assert_false(db_commit_is_uncertain(f->conn));
    assert_false(db_failure_is_logical(f->conn));
    assert_int_equal(db_failed_tag(f->conn), 4);
    assert_non_null(strstr(f->err.detail, "57P01"));
    open_again(f);
}

static void test_a_connection_lost_in_a_query(void **state)
{
    struct fixture *f = *state;
    int64_t n;
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &item_insert, 1);
    assert_int_equal(db_query_int(f->conn, &die, DB_NO_PARAMS, &n, &f->err), -1);
    db_rollback(f->conn);
    open_again(f);
}

static void test_a_constraint_at_commit_is_certain(void **state)
{
    struct fixture *f = *state;
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &never_insert, 1);
    assert_int_equal(db_commit(f->conn, &f->err), -1);
    assert_false(db_commit_is_uncertain(f->conn));
    assert_true(db_failure_is_logical(f->conn));
    assert_false(db_conn_is_lost(f->conn));
    expect_items(f, 0);
}

/* A failure of statements that were rolled back unread is not charged to the next transaction. */
static void test_what_was_rolled_back_is_forgotten(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        ok(f, db_begin(f->conn, &f->err));
        insert(f, &item_insert, 1);
        insert(f, &item_insert, 1);
        insert(f, &deadly_insert, 1); /* never prepared: its PREPARE is skipped */
        db_rollback(f->conn);
    }
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &item_insert, 1);
    ok(f, db_commit(f->conn, &f->err));
    expect_items(f, 1);
    ok(f, db_begin(f->conn, &f->err));
    insert(f, &deadly_insert, 1);
    ok(f, db_flush(f->conn, &f->err));
    db_rollback(f->conn);
}

static void test_a_lost_reader_leaves_the_pool(void **state)
{
    struct fixture *f = *state;
    struct db_conn *reader;
    int64_t n;
    ok(f, db_reader_take(f->db, &reader, &f->err));
    assert_int_equal(db_query_int(reader, &die, DB_NO_PARAMS, &n, &f->err), -1);
    db_reader_give(f->db, reader);
    ok(f, db_reader_take(f->db, &reader, &f->err));
    ok(f, db_query_int(reader, &item_count, DB_NO_PARAMS, &n, &f->err));
    db_reader_give(f->db, reader);
}

static const struct db_stmt who = {"who", "SELECT pg_backend_pid()"};
static const struct db_stmt end = {
    "end", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = :pid"};

/* As when the server is started again. */
static void test_readers_that_ended_while_they_were_idle_are_not_given_out(void **state)
{
    struct fixture *f = *state;
    struct db_conn *readers[3];
    int64_t n, pids[3];
    for (int i = 0; i < 3; i++) {
        ok(f, db_reader_take(f->db, &readers[i], &f->err));
        ok(f, db_begin(readers[i], &f->err));
        ok(f, db_query_int(readers[i], &who, DB_NO_PARAMS, &pids[i], &f->err));
    }
    for (int i = 0; i < 3; i++)
        db_reader_give(f->db, readers[i]);
    for (int i = 0; i < 3; i++) {
        ok(f, db_query_int(f->conn, &end, DB_PARAMS(DB_INT("pid", pids[i])), &n, &f->err));
        int fd = PQsocket(((struct postgres_conn *)readers[i])->handle);
        assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLRDHUP}, 1, 60000), 1);
    }
    for (int i = 0; i < 3; i++) {
        ok(f, db_reader_take(f->db, &readers[i], &f->err));
        ok(f, db_query_int(readers[i], &item_count, DB_NO_PARAMS, &n, &f->err));
    }
    for (int i = 0; i < 3; i++)
        db_reader_give(f->db, readers[i]);
}

/* ---- a connection that is cut at a chosen place ---- */

/* Stands between a client and the server; cuts once the server has said that a COMMIT is done, of
 * which it lets that much through and not what comes after. */
struct cutter {
    int listener, client, server;
    pthread_t thread;
    char path[108], real[108];
};

static bool read_whole(int fd, unsigned char *p, size_t n)
{
    for (ssize_t got; n; p += got, n -= (size_t)got)
        if ((got = read(fd, p, n)) <= 0)
            return false;
    return true;
}

/* One message of the server's: a letter, its length, the rest (PostgreSQL, "Message Formats"). */
static bool pass_message(const struct cutter *cutter)
{
    static unsigned char message[65536];
    if (!read_whole(cutter->server, message, 5))
        return false;
    size_t n = (size_t)message[3] << 8 | message[4];
    if (!read_whole(cutter->server, message + 5, n - 4) ||
        write(cutter->client, message, n + 1) != (ssize_t)n + 1)
        return false;
    return message[0] != 'C' || strcmp((const char *)message + 5, "COMMIT") != 0;
}

static bool pass_bytes(const struct cutter *cutter)
{
    unsigned char bytes[4096];
    ssize_t n = read(cutter->client, bytes, sizeof bytes);
    return n > 0 && write(cutter->server, bytes, (size_t)n) == n;
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return address;
}

static void *cut(void *arg)
{
    struct cutter *cutter = arg;
    struct sockaddr_un address = address_of(cutter->real);
    bool on = true;
    cutter->client = accept(cutter->listener, NULL, NULL);
    cutter->server = socket(AF_UNIX, SOCK_STREAM, 0);
    on = connect(cutter->server, (struct sockaddr *)&address, sizeof address) == 0;
    while (on) {
        struct pollfd fds[] = {{cutter->client, POLLIN, 0}, {cutter->server, POLLIN, 0}};
        poll(fds, 2, -1);
        on = fds[1].revents ? pass_message(cutter) : pass_bytes(cutter);
    }
    close(cutter->client);
    close(cutter->server);
    return NULL;
}

static const struct db_stmt socket_of = {
    "socket_of", "SELECT convert_to(current_setting('unix_socket_directories') || '/.s.PGSQL.' ||"
                 " current_setting('port'), 'UTF8')"};

static void start_cutter(struct fixture *f, struct cutter *cutter)
{
    struct db_query *query;
    ok(f, db_query(f->conn, &socket_of, DB_NO_PARAMS, &query, &f->err));
    assert_int_equal(db_step(query, &f->err), 1);
    snprintf(cutter->real, sizeof cutter->real, "%.*s", STR_ARG(db_column_bytes(query, 0)));
    db_query_end(query);
    snprintf(cutter->path, sizeof cutter->path, "%s/.s.PGSQL.5432", db_unit_dir(f->unit));
    struct sockaddr_un address = address_of(cutter->path);
    cutter->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(cutter->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(cutter->listener, 1), 0);
    assert_int_equal(pthread_create(&cutter->thread, NULL, cut, cutter), 0);
}

/* The COMMIT was answered, and what was sent after it was not: it is there. Said to be lost, it
 * would be run again. */
static void test_a_commit_that_was_answered_is_not_taken_for_lost(void **state)
{
    struct fixture *f = *state;
    struct cutter cutter;
    struct postgres_db through = {0};
    struct db_conn *conn;
    char uri[1100];
    start_cutter(f, &cutter);
    snprintf(uri, sizeof uri, "%s&port=5432&host=%s", db_unit_uri(f->unit), db_unit_dir(f->unit));
    through.db = *f->db;
    through.uri = uri;
    ok(f, db_conn_open(&through.db, DB_MODE_WRITE, &conn, &f->err));
    ok(f, db_begin(conn, &f->err));
    ok(f, db_exec(conn, &item_insert, DB_PARAMS(DB_INT("id", 1)), &f->err));
    assert_int_equal(db_commit(conn, &f->err), -1);
    assert_true(db_conn_is_lost(conn));
    assert_true(db_commit_is_uncertain(conn));
    expect_items(f, 1);
    db_conn_close(conn);
    pthread_join(cutter.thread, NULL);
    close(cutter.listener);
    unlink(cutter.path);
}

static bool is_bounded(struct fixture *f, struct db_conn *conn)
{
    int64_t bounded;
    ok(f, db_query_int(conn, &time_is_bounded, DB_NO_PARAMS, &bounded, &f->err));
    return bounded;
}

static void test_a_reader_has_a_time_unless_it_takes_it(void **state)
{
    struct fixture *f = *state;
    struct db_conn *reader;
    assert_false(is_bounded(f, f->conn)); /* a migration takes what it needs */
    ok(f, db_reader_take(f->db, &reader, &f->err));
    assert_true(is_bounded(f, reader));
    ok(f, db_begin(reader, &f->err));
    ok(f, db_take_time(reader, &f->err));
    assert_false(is_bounded(f, reader));
    db_rollback(reader);
    assert_true(is_bounded(f, reader));
    db_reader_give(f->db, reader);
}

static void test_commits_are_durable(void **state)
{
    struct fixture *f = *state;
    int64_t on;
    char uri[1100];
    struct db *db;
    snprintf(uri, sizeof uri, "%s%%20-csynchronous_commit%%3Doff", db_unit_uri(f->unit));
    ok(f, db_open(uri, NULL, &db, &f->err));
    struct db_conn *conn;
    ok(f, db_conn_open(db, DB_MODE_WRITE, &conn, &f->err));
    ok(f, db_query_int(conn, &commit_is_on, DB_NO_PARAMS, &on, &f->err));
    assert_int_equal(on, 1);
    db_conn_close(conn);
    db_close(db);
}

static void test_a_copy_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_copy_to(f->db, "/tmp/x", &f->err), -1);
    assert_non_null(strstr(f->err.detail, "pg_dump"));
}

static void keep_text(void *arg, struct str text)
{
    snprintf(arg, 8, "%.*s", STR_ARG(text));
}

static void test_hints_come_after_the_commit(void **state)
{
    struct fixture *f = *state;
    struct db_conn *ear;
    static const struct db_stmt hint = {"hint", "SELECT pg_notify('unit_moved', '')"};
    static const struct db_stmt says = {"says", "SELECT pg_notify('unit_moved', 'words')"};
    ok(f, db_reader_take(f->db, &ear, &f->err));
    assert_int_equal(db_listen(ear, "unit_moved", &f->err), 0);
    assert_int_equal(db_wait(ear, 0, -1, NULL, NULL, &f->err), 0);
    for (int i = 0; i < 3; i++) {
        ok(f, db_begin(f->conn, &f->err));
        ok(f, db_exec(f->conn, &hint, DB_NO_PARAMS, &f->err));
        ok(f, db_flush(f->conn, &f->err));
        assert_int_equal(db_wait(ear, 0, -1, NULL, NULL, &f->err), 0);
        ok(f, db_commit(f->conn, &f->err));
        assert_int_equal(db_wait(ear, 60000, -1, NULL, NULL, &f->err), 1);
    }
    assert_int_equal(db_wait(ear, 0, -1, NULL, NULL, &f->err), 0);
    char text[8] = "";
    ok(f, db_exec(f->conn, &says, DB_NO_PARAMS, &f->err));
    expect_items(f, 0);
    assert_int_equal(db_wait(ear, 60000, -1, keep_text, text, &f->err), 1);
    assert_string_equal(text, "words");
    /* One that comes while a query reads from the socket is not missed. */
    ok(f, db_exec(f->conn, &hint, DB_NO_PARAMS, &f->err));
    expect_items(f, 0);
    int64_t n;
    ok(f, db_query_int(ear, &item_count, DB_NO_PARAMS, &n, &f->err));
    assert_int_equal(db_wait(ear, 60000, -1, NULL, NULL, &f->err), 1);
    db_reader_give(f->db, ear);
}

static void test_a_wait_is_woken(void **state)
{
    struct fixture *f = *state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(db_listen(f->conn, "unit_moved", &f->err), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(db_wait(f->conn, 60000, fds[0], NULL, NULL, &f->err), 0);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(db_listen(f->conn, "x; DROP", &f->err), -1);
}

static void test_a_wait_ends_with_its_connection(void **state)
{
    struct fixture *f = *state;
    struct db_conn *ear;
    int64_t n, pid;
    ok(f, db_conn_open(f->db, DB_MODE_READ, &ear, &f->err));
    assert_int_equal(db_listen(ear, "unit_moved", &f->err), 0);
    ok(f, db_query_int(ear, &who, DB_NO_PARAMS, &pid, &f->err));
    ok(f, db_query_int(f->conn, &end, DB_PARAMS(DB_INT("pid", pid)), &n, &f->err));
    assert_int_equal(n, 1);
    assert_int_equal(db_wait(ear, 60000, -1, NULL, NULL, &f->err), -1);
    assert_true(db_conn_is_lost(ear));
    db_conn_close(ear);
}

#define TEST(fn) cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, &fixture)

int main(int argc, char **argv)
{
    enum db_engine engine;
    struct fixture fixture = {0};
    if (!db_unit_engine(argc, argv, &engine))
        return DB_UNIT_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(test_a_connection_lost_in_commit_is_uncertain),
        TEST(test_a_connection_lost_before_commit_is_certain),
        TEST(test_a_connection_lost_in_a_query),
        TEST(test_a_constraint_at_commit_is_certain),
        TEST(test_what_was_rolled_back_is_forgotten),
        TEST(test_a_lost_reader_leaves_the_pool),
        TEST(test_readers_that_ended_while_they_were_idle_are_not_given_out),
        TEST(test_a_commit_that_was_answered_is_not_taken_for_lost),
        TEST(test_a_reader_has_a_time_unless_it_takes_it),
        TEST(test_commits_are_durable),
        TEST(test_hints_come_after_the_commit),
        TEST(test_a_wait_is_woken),
        TEST(test_a_wait_ends_with_its_connection),
        TEST(test_a_copy_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
