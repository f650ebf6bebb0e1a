/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/admin_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"
#include "bin/admin_address.h"
#include "bin/data_dir.h"

struct place {
    char directory[256];
    struct str data_dir;
    struct arena *arena;
    struct admin_socket *socket;
    struct err err;
    int calls;
};

/* Gives back what it was sent, between brackets; nothing for "silence". */
static void echo(void *arg, struct str request, struct buf *out)
{
    struct place *p = arg;
    p->calls++;
    if (str_eq(request, STR("silence")))
        return;
    buf_add_byte(out, '[');
    buf_add(out, request);
    buf_add_byte(out, ']');
}

/* The path is longer than an address of a socket may be. */
static int setup(void **state)
{
    struct place *p = MEM_NEW(struct place);
    snprintf(p->directory, sizeof p->directory, "/tmp/chappe-admin-XXXXXX");
    assert_non_null(mkdtemp(p->directory));
    size_t n = strlen(p->directory);
    snprintf(p->directory + n, sizeof p->directory - n, "/%0120d", 7);
    assert_int_equal(mkdir(p->directory, 0700), 0);
    p->data_dir = str_from(p->directory);
    p->arena = arena_new(1 << 20);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char path[300];
    admin_socket_close(p->socket);
    snprintf(path, sizeof path, "%s/lock", p->directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/admin.sock", p->directory);
    unlink(path);
    assert_int_equal(rmdir(p->directory), 0);
    *strrchr(p->directory, '/') = 0;
    assert_int_equal(rmdir(p->directory), 0);
    arena_free(p->arena);
    mem_free(p);
    return 0;
}

static void open_it(struct place *p)
{
    assert_int_equal(admin_socket_open(p->data_dir, echo, p, &p->socket, &p->err), 0);
}

static int call(struct place *p, struct str request, struct str *ret_answer)
{
    return admin_socket_call(p->data_dir, p->arena, request, ret_answer, &p->err);
}

static void without_a_server_nobody_answers(void **state)
{
    struct place *p = *state;
    struct str answer;
    assert_int_equal(call(p, STR("x"), &answer), 0);
    open_it(p);
    admin_socket_close(p->socket);
    p->socket = NULL;
    assert_int_equal(call(p, STR("x"), &answer), 0);
    assert_int_equal(
        admin_socket_call(STR("/nowhere/at/all"), p->arena, STR("x"), &answer, &p->err), 0);
}

static void requests_are_answered_one_by_one(void **state)
{
    struct place *p = *state;
    struct str answer;
    open_it(p);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(call(p, STR("a\0b"), &answer), 1);
        assert_str(answer, STR("[a\0b]"));
    }
    assert_int_equal(call(p, STR(""), &answer), 1);
    assert_str(answer, STR("[]"));
    assert_int_equal(call(p, STR("silence"), &answer), -1);
    assert_int_equal(call(p, STR("after"), &answer), 1);
    assert_str(answer, STR("[after]"));
}

static void the_socket_is_for_its_owner(void **state)
{
    struct place *p = *state;
    char path[300];
    struct stat st;
    open_it(p);
    snprintf(path, sizeof path, "%s/admin.sock", p->directory);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_socket_left_behind_is_replaced(void **state)
{
    struct place *p = *state;
    struct sockaddr_un address;
    struct str answer;
    int directory_fd, fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(admin_address(p->data_dir, &address, &directory_fd), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    close(directory_fd);
    assert_int_equal(call(p, STR("x"), &answer), 0);
    open_it(p);
    assert_int_equal(call(p, STR("x"), &answer), 1);
}

/* A request over the limit is not run; the next peer is served. */
static void too_much_is_refused(void **state)
{
    struct place *p = *state;
    struct str answer;
    char *big = mem_new(LIMIT_ADMIN_MESSAGE + 1, 1);
    open_it(p);
    assert_int_equal(call(p, str_make(big, LIMIT_ADMIN_MESSAGE + 1), &answer), -1);
    assert_int_equal(call(p, STR("x"), &answer), 1);
    assert_int_equal(p->calls, 1);
    mem_free(big);
}

static void one_process_at_a_time_has_the_directory(void **state)
{
    struct place *p = *state;
    int first, second;
    assert_int_equal(data_dir_lock(p->data_dir, &first, &p->err), 1);
    assert_int_equal(data_dir_lock(p->data_dir, &second, &p->err), 0);
    assert_non_null(strstr(p->err.detail, "is in use by process"));
    close(first);
    assert_int_equal(data_dir_lock(p->data_dir, &second, &p->err), 1);
    close(second);
    assert_int_equal(data_dir_lock(STR("/dev/null/x"), &second, &p->err), -1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_server_nobody_answers),
        TEST(requests_are_answered_one_by_one),
        TEST(the_socket_is_for_its_owner),
        TEST(a_socket_left_behind_is_replaced),
        TEST(too_much_is_refused),
        TEST(one_process_at_a_time_has_the_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
