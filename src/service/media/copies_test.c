/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/copies.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/unit.h"
#include "service/media/disk.h"

struct unit {
    char directory[64];
    int fd;
    struct copies *copies;
};

#define MAX 10

static void open_copies(struct unit *unit)
{
    struct err err = ERR_INIT;
    assert_int_equal(copies_new(unit->fd, MAX, &unit->copies, &err), 0);
}

static int begin(void **state)
{
    struct unit *unit = test_calloc(1, sizeof *unit);
    snprintf(unit->directory, sizeof unit->directory, "/tmp/chappe-copies-XXXXXX");
    assert_non_null(mkdtemp(unit->directory));
    unit->fd = open(unit->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(unit->fd >= 0);
    open_copies(unit);
    *state = unit;
    return 0;
}

static int end(void **state)
{
    struct unit *unit = *state;
    char copies[80];
    copies_clear(unit->copies);
    copies_free(unit->copies);
    snprintf(copies, sizeof copies, "%s/copies", unit->directory);
    assert_int_equal(rmdir(copies), 0); /* nothing else is left there */
    assert_int_equal(rmdir(unit->directory), 0);
    close(unit->fd);
    test_free(unit);
    return 0;
}

static void put(struct unit *unit, const char *text)
{
    unsigned char hash[SHA256_BYTES];
    char name[COPIES_NAME_BYTES];
    struct err err = ERR_INIT;
    size_t n = strlen(text);
    int fd;
    assert_int_equal(copies_begin(unit->copies, name, &fd, &err), 0);
    assert_int_equal(write(fd, text, n), n);
    close(fd);
    sha256(str_from(text), hash);
    struct str whole = str_make(hash, sizeof hash);
    assert_int_equal(copies_take(unit->copies, -1, name, whole, (int64_t)n, &err), 0);
    assert_int_equal(copies_take(unit->copies, -1, name, whole, (int64_t)n, &err), -1);
    assert_int_equal(err.status, 409);
}

static bool is_there(struct unit *unit, const char *text)
{
    unsigned char hash[SHA256_BYTES];
    char found[32] = "";
    struct err err = ERR_INIT;
    int64_t size;
    int fd;
    sha256(str_from(text), hash);
    int status = copies_open(unit->copies, str_make(hash, sizeof hash), &fd, &size, &err);
    assert_true(status >= 0);
    if (status == 0)
        return false;
    assert_int_equal(size, strlen(text));
    assert_int_equal(pread(fd, found, sizeof found - 1, 0), size);
    assert_string_equal(found, text);
    close(fd);
    return true;
}

/* arg: the text that is held, or NULL. */
static bool is_held(void *arg, struct str hash)
{
    unsigned char digest[SHA256_BYTES];
    if (!arg)
        return false;
    sha256(str_from(arg), digest);
    return str_eq(hash, str_make(digest, sizeof digest));
}

static void what_was_used_longest_ago_goes_first(void **state)
{
    struct unit *unit = *state;
    put(unit, "aaaa");
    put(unit, "bbbb");
    copies_trim(unit->copies, is_held, NULL);
    assert_true(is_there(unit, "bbbb"));
    assert_true(is_there(unit, "aaaa"));
    put(unit, "cccc");
    copies_trim(unit->copies, is_held, NULL);
    assert_false(is_there(unit, "bbbb"));
    assert_true(is_there(unit, "aaaa"));
    assert_true(is_there(unit, "cccc"));
    put(unit, "dddd");
    copies_trim(unit->copies, is_held, (void *)(uintptr_t) "aaaa");
    assert_true(is_there(unit, "aaaa"));
    assert_false(is_there(unit, "cccc"));
}

static void a_content_has_one_copy(void **state)
{
    struct unit *unit = *state;
    for (int i = 0; i < 5; i++)
        put(unit, "aaaa");
    put(unit, "bbbb");
    copies_trim(unit->copies, is_held, NULL);
    assert_true(is_there(unit, "aaaa"));
    assert_true(is_there(unit, "bbbb"));
}

static void a_restart_finds_them_and_clears_what_is_half(void **state)
{
    struct unit *unit = *state;
    char name[COPIES_NAME_BYTES];
    struct err err = ERR_INIT;
    int fd;
    put(unit, "aaaa");
    assert_int_equal(copies_begin(unit->copies, name, &fd, &err), 0);
    close(fd);
    copies_free(unit->copies);
    open_copies(unit);
    assert_true(is_there(unit, "aaaa"));
    put(unit, "bbbb");
    put(unit, "cccc");
    copies_trim(unit->copies, is_held, NULL);
    assert_false(is_there(unit, "aaaa"));
}

static void what_is_dropped_is_gone_also_from_the_disk(void **state)
{
    struct unit *unit = *state;
    unsigned char hash[SHA256_BYTES];
    char hex[CONTENT_HEX_BYTES + 1], path[200];
    put(unit, "aaaa");
    sha256(STR("aaaa"), hash);
    content_hex(hash, sizeof hash, hex);
    snprintf(path, sizeof path, "%s/copies/%s", unit->directory, hex);
    assert_int_equal(access(path, F_OK), 0);
    copies_drop(unit->copies, str_make(hash, sizeof hash));
    assert_int_equal(access(path, F_OK), -1);
    assert_false(is_there(unit, "aaaa"));
    put(unit, "aaaa");
    assert_int_equal(unlink(path), 0); /* somebody cleans up */
    assert_false(is_there(unit, "aaaa"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(what_was_used_longest_ago_goes_first),
        TEST(a_content_has_one_copy),
        TEST(a_restart_finds_them_and_clears_what_is_half),
        TEST(what_is_dropped_is_gone_also_from_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
