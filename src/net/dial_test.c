/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/dial.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unit.h"

static void test_addresses(void **state)
{
    static const char *const good[] = {
        "unix:/run/clamav/clamd.ctl",
        "tcp:127.0.0.1:3310",
        "tcp:scanner.example:1",
        "tcp:[::1]:65535",
    };
    static const char *const bad[] = {
        "",          "unix:",           "unix:relative",  "unix:/",        "tcp:",
        "tcp:host",  "tcp:host:0",      "tcp:host:65536", "tcp::3310",     "tcp:ho st:1",
        "tcp:a/b:1", "tcp:u@host:3310", "tcp:::1:3310",   "udp:host:3310", "tcp:host:-1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(dial_check(str_from(good[i])), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(dial_check(str_from(bad[i])), -1);
    char longest[200];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "unix:/", 6);
    assert_int_equal(dial_check(str_make(longest, 5 + 107)), 0);
    assert_int_equal(dial_check(str_make(longest, 5 + 108)), -1);
}

static void assert_talks(int listener, const char *address)
{
    struct err err = ERR_INIT;
    char c = 0;
    int fd;
    if (dial_open(str_from(address), 5000, &fd, &err) < 0)
        fail_msg("%s", err.detail);
    int other = accept(listener, NULL, NULL);
    assert_true(other >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(other, &c, 1), 1);
    assert_int_equal(c, 'x');
    close(other);
    close(fd);
    close(listener);
}

static void test_tcp(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    char address[64];
    (void)state;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &n), 0);
    snprintf(address, sizeof address, "tcp:127.0.0.1:%d", ntohs(at.sin_port));
    assert_talks(listener, address);
}

static void test_unix(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char directory[] = "/tmp/chappe_dial_XXXXXX", address[128];
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(at.sun_path, sizeof at.sun_path, "%s/s", directory);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    snprintf(address, sizeof address, "unix:%s", at.sun_path);
    assert_talks(listener, address);
    struct err err = ERR_INIT;
    int fd;
    assert_int_equal(dial_open(str_from(address), 1000, &fd, &err), -1);
    assert_true(err.kind == ERR_KIND_INTERNAL);
    unlink(at.sun_path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_unix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
