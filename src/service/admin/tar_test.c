/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/tar.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/unit.h"

static int file_of(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int fd = dup(fileno(file));
    fclose(file);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void what_is_added_is_extracted(void **state)
{
    struct err err = ERR_INIT;
    struct tar_entry entry;
    char text[16] = "";
    int tar = file_of(""), from = file_of("hello"), to = file_of("");
    (void)state;
    assert_int_equal(tar_add_file(tar, "media/a", from, 5, 1, &err), 0);
    assert_int_equal(tar_end(tar, &err), 0);
    assert_int_equal(lseek(tar, 0, SEEK_SET), 0);
    assert_int_equal(tar_next(tar, &entry, &err), 1);
    assert_string_equal(entry.name, "media/a");
    assert_int_equal(entry.size, 5);
    assert_int_equal(tar_extract(tar, &entry, to, &err), 0);
    assert_int_equal(tar_next(tar, &entry, &err), 0);
    assert_int_equal(pread(to, text, sizeof text, 0), 5);
    assert_string_equal(text, "hello");
    close(tar);
    close(from);
    close(to);
}

/* The header alone: the file is shorter than it says, which is refused. */
static void sizes_past_eight_gibibytes(void **state)
{
    static const int64_t sizes[] = {0, 511, ((int64_t)1 << 33) - 1, (int64_t)1 << 33,
                                    ((int64_t)1 << 40) + 12345};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct err err = ERR_INIT;
        struct tar_entry entry;
        int tar = file_of(""), from = file_of("");
        assert_int_equal(tar_add_file(tar, "f", from, sizes[i], 1, &err), sizes[i] ? -1 : 0);
        assert_int_equal(lseek(tar, 0, SEEK_SET), 0);
        assert_int_equal(tar_next(tar, &entry, &err), 1);
        assert_int_equal(entry.size, sizes[i]);
        close(tar);
        close(from);
    }
}

static void names_too_long_are_refused(void **state)
{
    struct err err = ERR_INIT;
    char name[TAR_NAME_MAX + 2] = "";
    int tar = file_of(""), from = file_of("");
    (void)state;
    memset(name, 'a', TAR_NAME_MAX + 1);
    assert_int_equal(tar_add_file(tar, name, from, 0, 1, &err), -1);
    name[TAR_NAME_MAX] = 0;
    assert_int_equal(tar_add_file(tar, name, from, 0, 1, &err), 0);
    close(tar);
    close(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_extracted),
        cmocka_unit_test(sizes_past_eight_gibibytes),
        cmocka_unit_test(names_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
