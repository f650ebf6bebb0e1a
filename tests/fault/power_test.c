/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/unit.h"
#include "db/db_unit.h"
#include "fault/load.h"
#include "fault/vfs.h"
#include "store/schema.h"

/* usage: fault_power_test [CUTS [SEED]]
 *
 * The store under concurrent writers on a disk that fails. Tests are named after the lines of the
 * list of hostile inputs (DUR-01 to DUR-13) that they stand for. The seed of the run is printed;
 * threads make two runs of one seed alike, not equal. */

enum { LIFE = 10 /* cuts that one store lives through */, MESSAGES = 25 };

struct settings {
    int64_t cuts;
    uint64_t seed;
};

/* A store's files on a failing disk, and what was asked of it. */
struct scene {
    struct db_unit *unit;
    struct fault_vfs *vfs;
    struct store *store;
    struct ledger ledger;
    uint64_t random;
};

static uint64_t draw(struct scene *scene, uint64_t below)
{
    uint64_t z = scene->random += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % below;
}

static int open_on(const char *uri, const char *vfs, size_t queue_max, struct store **ret_store)
{
    struct err err = ERR_INIT;
    struct store_options options = {
        .uri = uri, .sqlite_vfs = vfs, .queue_max = queue_max, .wal_pages_max = 16};
    return store_open(&options, ret_store, &err);
}

static void scene_begin(struct scene *scene, uint64_t seed)
{
    *scene = (struct scene){.random = seed};
    ledger_init(&scene->ledger);
    scene->unit = db_unit_new(DB_ENGINE_SQLITE);
    scene->vfs = fault_vfs_new();
}

/* Opened before any fault is planned. */
static void scene_open(struct scene *scene, size_t queue_max)
{
    assert_int_equal(
        open_on(db_unit_uri(scene->unit), fault_vfs_name(scene->vfs), queue_max, &scene->store), 0);
}

static void scene_end(struct scene *scene)
{
    store_close(scene->store);
    fault_vfs_free(scene->vfs);
    db_unit_free(scene->unit);
    ledger_done(&scene->ledger);
}

static struct load_result scene_load(struct scene *scene, int64_t messages)
{
    struct load_options options = {
        .ledger = &scene->ledger, .seed = scene->random, .messages = messages};
    return load_run(scene->store, &options);
}

static void plan(struct scene *scene, enum fault_kind kind, int64_t n)
{
    fault_vfs_plan(scene->vfs, (struct fault_plan){.kind = kind, .n = n});
}

/* What is in the files, read through a good disk. */
static int64_t compare_files(const struct ledger *ledger, struct db_unit *unit)
{
    struct store *store = NULL;
    if (open_on(db_unit_uri(unit), NULL, 0, &store) < 0) {
        fprintf(stderr, "fault: the store does not open\n");
        return 1;
    }
    int64_t faults = ledger_compare(ledger, store);
    int64_t forgotten = load_ask_again(store, ledger);
    if (forgotten)
        fprintf(stderr, "fault: %lld transaction ids are not known\n", (long long)forgotten);
    store_close(store);
    return faults + forgotten;
}

/* ---- power cuts ---- */

/* The disk's files after the cut take the place of those before it. */
static int64_t settle(struct scene *scene, struct db_unit *image)
{
    store_close(scene->store);
    scene->store = NULL;
    fault_vfs_free(scene->vfs);
    db_unit_free(scene->unit);
    scene->unit = image;
    scene->vfs = fault_vfs_new();
    return compare_files(&scene->ledger, image);
}

/* One life until a cut: at start-up, or under load at any write, fsync or truncation. */
static int64_t cut_once(struct scene *scene, enum fault_survival survival, bool lies)
{
    struct db_unit *image = db_unit_new(DB_ENGINE_SQLITE);
    struct fault_plan cut = {.kind = FAULT_KIND_CUT,
                             .survival = survival,
                             .seed = scene->random,
                             .directory = db_unit_dir(image)};
    struct load_options options = {.ledger = &scene->ledger,
                                   .seed = scene->random,
                                   .messages = MESSAGES,
                                   .answers_before_commit = lies};
    if (draw(scene, 4) == 0) {
        cut.n = 1 + (int64_t)draw(scene, 60);
        fault_vfs_plan(scene->vfs, cut);
    }
    if (open_on(db_unit_uri(scene->unit), fault_vfs_name(scene->vfs), 0, &scene->store) < 0)
        scene->store = NULL;
    if (!cut.n) {
        cut.n = 1 + (int64_t)draw(scene, 500);
        fault_vfs_plan(scene->vfs, cut);
    }
    if (scene->store)
        load_run(scene->store, &options);
    fault_vfs_cut(scene->vfs, survival, cut.seed, cut.directory);
    return settle(scene, image);
}

static void dur_02_power_cuts_lose_nothing_acknowledged(void **state)
{
    const struct settings *settings = *state;
    int64_t acknowledged = 0;
    struct scene scene;
    for (int64_t i = 0; i < settings->cuts; i++) {
        if (i % LIFE == 0)
            scene_begin(&scene, settings->seed + (uint64_t)i);
        uint64_t random = scene.random;
        enum fault_survival survival = (enum fault_survival)draw(&scene, FAULT_SURVIVAL_ALL + 1);
        if (cut_once(&scene, survival, false) != 0)
            fail_msg("seed %llu: cut %lld, survival %d, from %llu",
                     (unsigned long long)settings->seed, (long long)i, (int)survival,
                     (unsigned long long)random);
        if (i % LIFE == LIFE - 1 || i == settings->cuts - 1) {
            acknowledged += ledger_count(&scene.ledger, true);
            scene_end(&scene);
        }
    }
    print_message("%lld cuts, %lld messages acknowledged\n", (long long)settings->cuts,
                  (long long)acknowledged);
    assert_true(settings->cuts < 20 || acknowledged > settings->cuts);
}

/* The mutation that the rig is there for: were answers to leave before the commit, it would be seen
 * within a few cuts. The faults that it prints are those expected. */
static void dur_02_an_answer_before_the_commit_is_caught(void **state)
{
    const struct settings *settings = *state;
    int64_t faults = 0;
    int cuts = 0;
    struct scene scene;
    print_message("what follows is the loss that must be found\n");
    scene_begin(&scene, settings->seed);
    while (faults == 0 && cuts++ < LIFE)
        faults = cut_once(&scene, FAULT_SURVIVAL_NONE, true);
    print_message("found after %d cuts\n", cuts);
    scene_end(&scene);
    assert_true(faults > 0);
}

/* ---- faults of single calls ---- */

static int64_t places_max(const struct settings *settings)
{
    return settings->cuts > 20 ? 1000 : 12;
}

/* Fails the n-th call of a kind under load. False: the load has not that many. */
static bool fail_nth(const struct settings *settings, enum fault_kind kind, int64_t n,
                     bool must_stop)
{
    struct scene scene;
    struct err err = ERR_INIT;
    int64_t pages;
    struct db_unit *image = db_unit_new(DB_ENGINE_SQLITE);
    scene_begin(&scene, settings->seed + (uint64_t)n);
    scene_open(&scene, 0);
    scene_load(&scene, 2);
    plan(&scene, kind, n);
    scene_load(&scene, 2);
    (void)!db_checkpoint(store_db(scene.store), &pages, &err);
    scene_load(&scene, 1);
    bool happened = fault_vfs_count(scene.vfs).happened;
    plan(&scene, FAULT_KIND_NONE, 0);
    if (happened && must_stop) {
        assert_true(store_has_stopped(scene.store));
        struct load_result after = scene_load(&scene, 1);
        assert_int_equal(after.acknowledged, 0);
        assert_int_equal(after.unclear, 0);
    }
    assert_int_equal(ledger_compare(&scene.ledger, scene.store), 0); /* reads go on */
    if (n % 2) /* the power goes before the program ends, or after it */
        fault_vfs_cut(scene.vfs, FAULT_SURVIVAL_NONE, scene.random, db_unit_dir(image));
    store_close(scene.store);
    scene.store = NULL;
    fault_vfs_cut(scene.vfs, FAULT_SURVIVAL_NONE, scene.random, db_unit_dir(image));
    if (compare_files(&scene.ledger, scene.unit) || compare_files(&scene.ledger, image))
        fail_msg("seed %llu: fault %d at %lld", (unsigned long long)settings->seed, (int)kind,
                 (long long)n);
    db_unit_free(image);
    scene_end(&scene);
    return happened;
}

static void dur_04_each_fsync_fails_once(void **state)
{
    const struct settings *settings = *state;
    int64_t n = 1;
    while (n <= places_max(settings) && fail_nth(settings, FAULT_KIND_FSYNC, n, true))
        n++;
    assert_true(n > 2);
}

static void dur_04_each_write_fails_once(void **state)
{
    const struct settings *settings = *state;
    int64_t n = 1;
    while (n <= places_max(settings) && fail_nth(settings, FAULT_KIND_WRITE_IO, n, false))
        n++;
    assert_true(n > 2);
}

static void dur_04_each_read_fails_once(void **state)
{
    const struct settings *settings = *state;
    int64_t n = 1;
    while (n <= places_max(settings) && fail_nth(settings, FAULT_KIND_READ_IO, n, false))
        n++;
    assert_true(n > 2);
}

/* From the n-th write on there is no space: what is refused is told so, reads go on; with space
 * again the same process takes the same messages. */
static bool fill_at(const struct settings *settings, int64_t n)
{
    struct scene scene;
    scene_begin(&scene, settings->seed + (uint64_t)n);
    scene_open(&scene, 0);
    scene_load(&scene, 2);
    plan(&scene, FAULT_KIND_WRITES_FULL, n);
    struct load_result full = scene_load(&scene, 3);
    bool happened = fault_vfs_count(scene.vfs).happened;
    assert_int_equal(full.unclear, 0);
    assert_int_equal(full.refused, full.unanswered);
    assert_false(store_has_stopped(scene.store));
    assert_int_equal(ledger_compare(&scene.ledger, scene.store), 0);
    plan(&scene, FAULT_KIND_NONE, 0);
    struct load_result healed = scene_load(&scene, 2);
    assert_int_equal(healed.unanswered, 0);
    assert_int_equal(ledger_count(&scene.ledger, true), ledger_count(&scene.ledger, false));
    store_close(scene.store);
    scene.store = NULL;
    if (compare_files(&scene.ledger, scene.unit))
        fail_msg("seed %llu: full at write %lld", (unsigned long long)settings->seed, (long long)n);
    scene_end(&scene);
    return happened;
}

static void dur_03_a_full_disk_at_each_write_heals(void **state)
{
    const struct settings *settings = *state;
    int64_t n = 1;
    while (n <= places_max(settings) && fill_at(settings, n))
        n++;
    assert_true(n > 2);
}

/* ---- a disk that stalls ---- */

struct counted {
    struct job job;
    pthread_mutex_t *lock;
    pthread_cond_t *wake;
    int *committed;
};

static int take_position(struct write *w, void *arg, struct err *err)
{
    int64_t pos;
    (void)arg;
    return write_position(w, LOG_KIND_PROFILE, 0, 5, 0, &pos, err);
}

static void count_done(struct job *job, enum job_result result, const struct err *err)
{
    struct counted *counted = job->arg;
    (void)err;
    pthread_mutex_lock(counted->lock);
    *counted->committed += result == JOB_COMMITTED;
    pthread_cond_signal(counted->wake);
    pthread_mutex_unlock(counted->lock);
}

static void dur_08_a_stalled_disk_bounds_the_queue(void **state)
{
    enum { QUEUE = 50 };
    static struct counted jobs[2 * QUEUE + 2]; /* those that the appender took, and those waiting */
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
    struct err err = ERR_INIT;
    int committed = 0, submitted = 0;
    struct scene scene;
    (void)state;
    scene_begin(&scene, 1);
    scene_open(&scene, QUEUE);
    int64_t head = store_head(scene.store).pos;
    fault_vfs_stall(scene.vfs, true);
    for (;;) {
        struct counted *counted = &jobs[submitted];
        *counted = (struct counted){.lock = &lock, .wake = &wake, .committed = &committed};
        counted->job = (struct job){.run = take_position, .done = count_done, .arg = counted};
        if (store_submit(scene.store, &counted->job, &err) < 0)
            break;
        assert_true(++submitted < 2 * QUEUE + 2);
    }
    assert_int_equal(err.status, 503);
    assert_true(err.retry_after_ms > 0);
    assert_int_equal(committed, 0);
    assert_int_equal(ledger_compare(&scene.ledger, scene.store), 0);
    fault_vfs_stall(scene.vfs, false);
    pthread_mutex_lock(&lock);
    while (committed < submitted)
        pthread_cond_wait(&wake, &lock);
    pthread_mutex_unlock(&lock);
    assert_int_equal(store_head(scene.store).pos, head + submitted);
    scene_end(&scene);
}

/* ---- upgrades ---- */

/* A store of an older program is upgraded, and the power goes at the n-th operation. */
static bool cut_upgrade(const struct settings *settings, size_t from, int64_t n)
{
    struct scene scene;
    struct db *db;
    struct err err = ERR_INIT;
    struct db_unit *image = db_unit_new(DB_ENGINE_SQLITE);
    struct db_options options = {0};
    scene_begin(&scene, settings->seed + (uint64_t)n);
    options.sqlite_vfs = fault_vfs_name(scene.vfs);
    assert_int_equal(db_open(db_unit_uri(scene.unit), &options, &db, &err), 0);
    assert_int_equal(db_migrate(db, STORE_MIGRATIONS, from, &err), 0);
    db_close(db);
    fault_vfs_plan(scene.vfs, (struct fault_plan){
                                  .kind = FAULT_KIND_CUT,
                                  .n = n,
                                  .survival = (enum fault_survival)(n % (FAULT_SURVIVAL_ALL + 1)),
                                  .seed = scene.random,
                                  .directory = db_unit_dir(image)});
    if (open_on(db_unit_uri(scene.unit), options.sqlite_vfs, 0, &scene.store) < 0)
        scene.store = NULL;
    bool happened = fault_vfs_count(scene.vfs).happened;
    fault_vfs_cut(scene.vfs, FAULT_SURVIVAL_NONE, 0, db_unit_dir(image));
    if (settle(&scene, image))
        fail_msg("seed %llu: upgrade from %zu cut at %lld", (unsigned long long)settings->seed,
                 from, (long long)n);
    scene_open(&scene, 0);
    assert_int_equal(scene_load(&scene, 1).unanswered, 0);
    scene_end(&scene);
    return happened;
}

static void dur_11_an_upgrade_cut_at_any_step_is_finished(void **state)
{
    const struct settings *settings = *state;
    const size_t froms[] = {0, STORE_MIGRATIONS_N / 2};
    int64_t step = settings->cuts > 20 ? 1 : 7;
    for (size_t i = 0; i < 2; i++) {
        int64_t n = 1;
        while (cut_upgrade(settings, froms[i], n))
            n += step;
        assert_true(n > 1);
    }
}

/* Back to an older program: it refuses, and harms nothing. */
static void dur_11_an_older_program_refuses(void **state)
{
    struct scene scene;
    struct db *db;
    struct err err = ERR_INIT;
    struct db_options options = {0};
    (void)state;
    scene_begin(&scene, 1);
    scene_open(&scene, 0);
    scene_load(&scene, 2);
    store_close(scene.store);
    scene.store = NULL;
    assert_int_equal(db_open(db_unit_uri(scene.unit), &options, &db, &err), 0);
    assert_int_equal(db_migrate(db, STORE_MIGRATIONS, STORE_MIGRATIONS_N - 1, &err), -1);
    db_close(db);
    assert_int_equal(compare_files(&scene.ledger, scene.unit), 0);
    scene_end(&scene);
}

int main(int argc, char **argv)
{
    struct settings settings = {.cuts = argc > 1 ? strtoll(argv[1], NULL, 10) : 20};
    settings.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : random_below(1000000000);
    print_message("seed %llu\n", (unsigned long long)settings.seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(dur_02_power_cuts_lose_nothing_acknowledged, &settings),
        cmocka_unit_test_prestate(dur_02_an_answer_before_the_commit_is_caught, &settings),
        cmocka_unit_test_prestate(dur_03_a_full_disk_at_each_write_heals, &settings),
        cmocka_unit_test_prestate(dur_04_each_fsync_fails_once, &settings),
        cmocka_unit_test_prestate(dur_04_each_write_fails_once, &settings),
        cmocka_unit_test_prestate(dur_04_each_read_fails_once, &settings),
        cmocka_unit_test_prestate(dur_08_a_stalled_disk_bounds_the_queue, &settings),
        cmocka_unit_test_prestate(dur_11_an_upgrade_cut_at_any_step_is_finished, &settings),
        cmocka_unit_test_prestate(dur_11_an_older_program_refuses, &settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
