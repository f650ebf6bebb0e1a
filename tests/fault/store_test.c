/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "db/db_unit.h"
#include "fault/vfs.h"
#include "store/event.h"
#include "store/store.h"

/* The store on a disk that fails: a full one heals, a failed fsync ends all writing, and in no case
 * is something lost that was acknowledged. */

struct rig {
    struct fault_vfs *vfs;
    struct db_unit *db;
    struct store *store;
};

static void open_store(struct rig *rig)
{
    struct err err = ERR_INIT;
    struct store_options options = {
        .uri = db_unit_uri(rig->db), .sqlite_vfs = fault_vfs_name(rig->vfs), .wal_pages_max = 16};
    if (store_open(&options, &rig->store, &err) < 0)
        fail_msg("store_open: %s", err.detail);
}

static void rig_open(struct rig *rig)
{
    rig->vfs = fault_vfs_new();
    rig->db = db_unit_new(DB_ENGINE_SQLITE);
    open_store(rig);
}

static void rig_close(struct rig *rig)
{
    store_close(rig->store);
    fault_vfs_free(rig->vfs);
    db_unit_free(rig->db);
}

static void no_line(void *arg, const char *line)
{
    (void)arg;
    print_error("%s\n", line);
}

static void assert_sound(struct rig *rig)
{
    struct err err = ERR_INIT;
    assert_int_equal(store_check(rig->store, no_line, NULL, &err), 1);
}

static int take_position(struct write *w, void *arg, struct err *err)
{
    return write_position(w, LOG_KIND_PROFILE, 0, 5, 0, arg, err);
}

/* 0: acknowledged. */
static int write_one(struct rig *rig, struct err *err)
{
    int64_t pos;
    return store_run(rig->store, take_position, &pos, err);
}

static void a_failed_fsync_ends_writing(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    rig_open(&rig);
    assert_int_equal(write_one(&rig, &err), 0);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_FSYNC, .n = 1});
    assert_int_equal(write_one(&rig, &err), -1);
    assert_true(store_has_stopped(rig.store));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write_one(&rig, &err), -1);
        assert_int_equal(err.status, 503);
    }
    assert_int_equal(store_head(rig.store).pos, 1);
    store_close(rig.store);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_NONE});
    open_store(&rig);
    assert_true(store_head(rig.store).pos >= 1);
    assert_int_equal(write_one(&rig, &err), 0);
    assert_sound(&rig);
    rig_close(&rig);
}

static void a_full_disk_heals(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    rig_open(&rig);
    assert_int_equal(write_one(&rig, &err), 0);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_WRITES_FULL, .n = 1});
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write_one(&rig, &err), -1);
        assert_int_equal(err.status, 503);
        assert_false(store_has_stopped(rig.store));
        assert_int_equal(store_head(rig.store).pos, 1);
    }
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_NONE});
    assert_int_equal(write_one(&rig, &err), 0);
    assert_int_equal(store_head(rig.store).pos, 2);
    assert_sound(&rig);
    rig_close(&rig);
}

/* Each write and each fsync of a few batches fails once. */
static void any_write_may_fail(void **state)
{
    static const enum fault_kind kinds[] = {FAULT_KIND_FSYNC, FAULT_KIND_WRITE_FULL,
                                            FAULT_KIND_WRITE_IO};
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        for (int64_t n = 1; n < 40; n++) {
            struct rig rig;
            struct err err = ERR_INIT;
            int64_t acknowledged = 0;
            rig_open(&rig);
            fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = kinds[k], .n = n});
            for (int i = 0; i < 4; i++)
                acknowledged += write_one(&rig, &err) == 0;
            bool over = !fault_vfs_count(rig.vfs).happened;
            store_close(rig.store);
            fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_NONE});
            open_store(&rig);
            assert_true(store_head(rig.store).pos >= acknowledged);
            assert_true(store_head(rig.store).pos <= 4);
            assert_int_equal(write_one(&rig, &err), 0);
            assert_sound(&rig);
            rig_close(&rig);
            if (over)
                break;
        }
    }
}

/* Long before the clock would have it copied. */
static void a_log_that_grows_is_copied(void **state)
{
    enum { JOBS_MAX = 20000 };
    struct rig rig;
    struct err err = ERR_INIT;
    struct store_counts counts = {0};
    (void)state;
    rig_open(&rig);
    for (int i = 0; i < JOBS_MAX && counts.wal_pages == 0; i++) {
        assert_int_equal(write_one(&rig, &err), 0);
        store_count(rig.store, &counts);
    }
    assert_true(counts.wal_pages > 0);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_fsync_ends_writing),
        cmocka_unit_test(a_full_disk_heals),
        cmocka_unit_test(any_write_may_fail),
        cmocka_unit_test(a_log_that_grows_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
