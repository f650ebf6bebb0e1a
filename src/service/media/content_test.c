/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/content.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/unit.h"

struct unit {
    char directory[64];
    struct content *content;
    unsigned char hash[SHA256_BYTES];
};

static void open_content(const char *directory, struct content **ret_content)
{
    struct shelf *shelf;
    struct err err = ERR_INIT;
    assert_int_equal(shelf_path_new(directory, &shelf, &err), 0);
    assert_int_equal(content_new(shelf, ret_content, &err), 0);
}

static int begin(void **state)
{
    struct unit *unit = test_calloc(1, sizeof *unit);
    snprintf(unit->directory, sizeof unit->directory, "/tmp/chappe-content-XXXXXX");
    assert_non_null(mkdtemp(unit->directory));
    open_content(unit->directory, &unit->content);
    *state = unit;
    return 0;
}

/* Deletes what is in a directory of directories of files. */
static void clear(const char *path)
{
    DIR *directory = opendir(path);
    char inner[512];
    for (struct dirent *item; directory && (item = readdir(directory));) {
        if (str_eq(str_from(item->d_name), STR(".")) || str_eq(str_from(item->d_name), STR("..")))
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, item->d_name);
        if (unlink(inner) < 0)
            clear(inner);
    }
    if (directory)
        closedir(directory);
    rmdir(path);
}

static int end(void **state)
{
    struct unit *unit = *state;
    content_free(unit->content);
    clear(unit->directory);
    test_free(unit);
    return 0;
}

/* Files under way. */
static int under_way(const struct unit *unit)
{
    char path[128];
    int n = 0;
    snprintf(path, sizeof path, "%s/.incoming", unit->directory);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *item; (item = readdir(directory));)
        n += item->d_name[0] != '.';
    closedir(directory);
    return n;
}

static struct str hash_of(const struct unit *unit)
{
    return str_make(unit->hash, sizeof unit->hash);
}

static void keep(struct unit *unit, struct str bytes)
{
    struct content_draft *draft;
    struct err err = ERR_INIT;
    assert_int_equal(content_draft_new(unit->content, &draft, &err), 0);
    assert_int_equal(content_draft_add(draft, str_first(bytes, 2), &err), 0);
    assert_int_equal(content_draft_add(draft, str_skip(bytes, 2), &err), 0);
    assert_int_equal(content_draft_size(draft), bytes.n);
    assert_int_equal(content_draft_keep(draft, unit->hash, &err), 0);
    content_draft_free(draft);
}

static int is_there(const struct unit *unit)
{
    struct err err = ERR_INIT;
    int64_t size;
    int fd, found = content_open(unit->content, hash_of(unit), &fd, &size, &err);
    if (found == 1)
        close(fd);
    return found;
}

static int answer_of(void *arg, struct str hash, struct err *err)
{
    const int *answer = arg;
    (void)hash;
    return *answer < 0 ? err_internal(err, "not known") : *answer;
}

static void collect(struct unit *unit, int named)
{
    struct err err = ERR_INIT;
    int wanted = named < 0 ? -1 : 0;
    assert_int_equal(content_collect_suspects(unit->content, answer_of, &named, &err), wanted);
}

static int count_one(void *arg, const struct shelf_item *item, struct err *err)
{
    int *counts = arg;
    (void)err;
    counts[item->hash.n ? 0 : 1]++;
    return 0;
}

static void count(struct unit *unit, int counts[2])
{
    struct shelf_cursor cursor = {0};
    struct err err = ERR_INIT;
    counts[0] = counts[1] = 0;
    int more;
    do {
        more = content_list(unit->content, &cursor, count_one, counts, &err);
    } while (more == 1);
    assert_int_equal(more, 0);
}

static void bytes_come_back_under_their_hash(void **state)
{
    struct unit *unit = *state;
    unsigned char digest[SHA256_BYTES];
    struct err err = ERR_INIT;
    int64_t size;
    int fd, counts[2];
    keep(unit, STR("a file"));
    sha256(STR("a file"), digest);
    assert_memory_equal(digest, unit->hash, sizeof digest);
    assert_int_equal(content_open(unit->content, hash_of(unit), &fd, &size, &err), 1);
    assert_int_equal(size, 6);
    close(fd);
    keep(unit, STR("a file"));
    count(unit, counts);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 0);
    content_unpin(unit->content, hash_of(unit));
    content_unpin(unit->content, hash_of(unit));
}

static enum shelf_finding examine(const struct unit *unit, int64_t size)
{
    struct err err = ERR_INIT;
    enum shelf_finding finding;
    assert_int_equal(content_examine(unit->content, hash_of(unit), size, &finding, &err), 0);
    return finding;
}

static void a_changed_byte_is_seen(void **state)
{
    struct unit *unit = *state;
    int counts[2];
    char directory[512], path[800], stray[600];
    keep(unit, STR("a file"));
    content_unpin(unit->content, hash_of(unit));
    assert_int_equal(examine(unit, 6), SHELF_SOUND);
    assert_int_equal(examine(unit, 7), SHELF_OTHER_SIZE);
    snprintf(directory, sizeof directory, "%s/%02x/%02x", unit->directory, unit->hash[0],
             unit->hash[1]);
    snprintf(stray, sizeof stray, "%s/stray", directory);
    int fd = open(stray, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "A file", 6), 6);
    close(fd);
    count(unit, counts);
    assert_int_equal(counts[1], 1);
    snprintf(path, sizeof path, "%s/", directory);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(path + strlen(path), 3, "%02x", unit->hash[i]);
    assert_int_equal(rename(stray, path), 0);
    assert_int_equal(examine(unit, 6), SHELF_OTHER_BYTES);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(examine(unit, 6), SHELF_ABSENT);
}

static void a_draft_that_is_given_up_leaves_nothing(void **state)
{
    struct unit *unit = *state;
    struct content_draft *draft;
    struct err err = ERR_INIT;
    assert_int_equal(content_draft_new(unit->content, &draft, &err), 0);
    assert_int_equal(content_draft_add(draft, STR("half"), &err), 0);
    assert_int_equal(under_way(unit), 1);
    content_draft_free(draft);
    assert_int_equal(under_way(unit), 0);
}

static void start_again(struct unit *unit)
{
    content_free(unit->content);
    open_content(unit->directory, &unit->content);
}

static void a_start_clears_what_a_crash_left(void **state)
{
    struct unit *unit = *state;
    struct content *again;
    struct content_draft *draft;
    struct err err = ERR_INIT;
    assert_int_equal(content_draft_new(unit->content, &draft, &err), 0);
    open_content(unit->directory, &again);
    assert_int_equal(under_way(unit), 0);
    content_free(again);
    content_draft_free(draft);
}

static void add_to_part(struct unit *unit, int64_t wanted, struct str bytes)
{
    struct content_draft *draft;
    struct err err = ERR_INIT;
    assert_int_equal(content_draft_resume(unit->content, 7, &draft, &err), 0);
    assert_int_equal(content_draft_size(draft), wanted);
    assert_int_equal(content_draft_add(draft, bytes, &err), 0);
    assert_int_equal(content_draft_sync(draft, &err), 0);
    content_draft_free(draft);
}

static void a_draft_that_lasts_is_gone_on_with(void **state)
{
    struct unit *unit = *state;
    struct content_draft *draft, *twice;
    struct err err = ERR_INIT;
    unsigned char digest[SHA256_BYTES];
    int64_t size;
    assert_int_equal(content_part_size(unit->content, 7, &size, &err), 0);
    add_to_part(unit, 0, STR("a "));
    start_again(unit);
    add_to_part(unit, 2, STR("file"));
    assert_int_equal(content_part_size(unit->content, 7, &size, &err), 1);
    assert_int_equal(size, 6);
    assert_int_equal(content_draft_resume(unit->content, 7, &draft, &err), 0);
    assert_int_equal(content_draft_resume(unit->content, 7, &twice, &err), 0);
    assert_int_equal(content_draft_keep(draft, unit->hash, &err), 0);
    assert_int_equal(content_draft_keep(twice, digest, &err), -1);
    assert_int_equal(err.status, 409);
    content_draft_free(draft);
    content_draft_free(twice);
    sha256(STR("a file"), digest);
    assert_memory_equal(digest, unit->hash, sizeof digest);
    content_unpin(unit->content, hash_of(unit));
    assert_int_equal(under_way(unit), 0);
}

/* Keeps the third byte of the seventh, and nothing of any other. */
static int judge(void *arg, int64_t id, int64_t size, int64_t *ret_keep, struct err *err)
{
    int *n = arg;
    (void)err;
    ++*n;
    *ret_keep = id == 7 ? size - 1 : -1;
    return 0;
}

static void drafts_that_last_are_judged(void **state)
{
    struct unit *unit = *state;
    struct content_draft *other;
    struct err err = ERR_INIT;
    int64_t size;
    int n = 0;
    add_to_part(unit, 0, STR("abc"));
    assert_int_equal(content_draft_resume(unit->content, 8, &other, &err), 0);
    content_draft_free(other);
    assert_int_equal(content_part_judge(unit->content, judge, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(under_way(unit), 1);
    assert_int_equal(content_part_size(unit->content, 7, &size, &err), 1);
    assert_int_equal(size, 2);
}

/* A machine is told from another start of it by a name that the kernel gives. */
static void a_start_of_the_machine_is_seen(void **state)
{
    struct unit *unit = *state;
    char path[128];
    assert_true(content_is_after_boot(unit->content));
    start_again(unit);
    assert_false(content_is_after_boot(unit->content));
    snprintf(path, sizeof path, "%s/.incoming/.boot", unit->directory);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "other\n", 6), 6);
    close(fd);
    start_again(unit);
    assert_true(content_is_after_boot(unit->content));
    start_again(unit);
    assert_false(content_is_after_boot(unit->content));
}

static void only_what_nobody_names_is_taken_away(void **state)
{
    struct unit *unit = *state;
    keep(unit, STR("a file"));
    content_suspect(unit->content, hash_of(unit));
    collect(unit, 0);
    assert_int_equal(is_there(unit), 1); /* pinned; and no longer suspected */
    content_unpin(unit->content, hash_of(unit));
    collect(unit, 0);
    assert_int_equal(is_there(unit), 1);
    content_suspect(unit->content, hash_of(unit));
    collect(unit, 1);
    assert_int_equal(is_there(unit), 1);
    content_suspect(unit->content, hash_of(unit));
    content_hold(unit->content);
    collect(unit, 0);
    assert_int_equal(is_there(unit), 1);
    content_release(unit->content);
    collect(unit, -1);
    assert_int_equal(is_there(unit), 1); /* suspected still */
    collect(unit, 0);
    assert_int_equal(is_there(unit), 0);
    content_suspect(unit->content, hash_of(unit));
    collect(unit, 0);
}

/* While a content is being taken away, whoever sends it again waits. */
struct race {
    struct unit *unit;
    pthread_t thread;
    bool began, kept;
};

static void *send_again(void *arg)
{
    struct race *race = arg;
    __atomic_store_n(&race->began, true, __ATOMIC_RELEASE);
    keep(race->unit, STR("a file"));
    __atomic_store_n(&race->kept, true, __ATOMIC_RELEASE);
    return NULL;
}

static int named_later(void *arg, struct str hash, struct err *err)
{
    struct race *race = arg;
    (void)hash;
    (void)err;
    assert_int_equal(pthread_create(&race->thread, NULL, send_again, race), 0);
    while (!__atomic_load_n(&race->began, __ATOMIC_ACQUIRE))
        sched_yield();
    assert_false(__atomic_load_n(&race->kept, __ATOMIC_ACQUIRE));
    return 0;
}

static void a_collection_and_an_upload_of_the_same_bytes(void **state)
{
    struct unit *unit = *state;
    struct race race = {.unit = unit};
    struct err err = ERR_INIT;
    keep(unit, STR("a file"));
    content_suspect(unit->content, hash_of(unit));
    content_unpin(unit->content, hash_of(unit));
    assert_int_equal(content_collect_suspects(unit->content, named_later, &race, &err), 0);
    pthread_join(race.thread, NULL);
    assert_int_equal(is_there(unit), 1);
    content_unpin(unit->content, hash_of(unit));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(bytes_come_back_under_their_hash),
        TEST(a_changed_byte_is_seen),
        TEST(a_draft_that_is_given_up_leaves_nothing),
        TEST(a_start_clears_what_a_crash_left),
        TEST(a_draft_that_lasts_is_gone_on_with),
        TEST(drafts_that_last_are_judged),
        TEST(a_start_of_the_machine_is_seen),
        TEST(only_what_nobody_names_is_taken_away),
        TEST(a_collection_and_an_upload_of_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
