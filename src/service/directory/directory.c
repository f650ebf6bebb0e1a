/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/directory/directory.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "base/wait.h"
#include "service/config.h"
#include "store/account.h"

/* Accounts read at a time. */
#define PAGE 1000
/* Changes that a search takes in itself; more are left to the thread. */
#define SETTLE_MAX 200
/* Changes kept; past it all is read again. */
#define PENDING_MAX 100000
#define RETRY_MS    1000

struct directory {
    struct server *server;
    bool is_wanted;        /* by registration.mode; without it nothing is kept */
    pthread_rwlock_t lock; /* people */
    struct people_index *people;

    /* One takes changes in at a time, or a later one could be overwritten by an earlier. */
    pthread_mutex_t settling;

    pthread_mutex_t pending_lock;
    pthread_cond_t wake;
    VEC(int64_t) pending; /* users that have changed */
    bool is_built;        /* false: changes wait until it is */
    bool has_lost;        /* changes, past PENDING_MAX: all is to be read again */
    bool stopping;

    pthread_t thread;
    bool has_thread;
};

/* ---- loading ---- */

static int load_person(struct directory *directory, struct arena *arena,
                       const struct account *account, struct person *ret_person, struct err *err)
{
    struct str name = account->display_name, rest;
    if (!name.n) {
        if (store_name(directory->server->store, account->user, arena, &name, err) < 0)
            return -1;
        str_cut(str_skip(name, 1), ':', &name, &rest);
    }
    *ret_person = (struct person){
        .user = account->user,
        .name = name,
        .organisation = account->organisation,
        .hidden = account->flags & (ACCOUNT_DEACTIVATED | ACCOUNT_HIDDEN | ACCOUNT_DISPLACED),
        .expires_ms = directory->server->config->accounts_validity_ms ? account->expires_ms : 0,
    };
    return 0;
}

static int take_in(struct directory *directory, const int64_t *users, size_t n, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct account *accounts;
    struct person *people;
    struct read read;
    size_t n_accounts = 0, i;
    read_begin(directory->server->store, &read);
    int status = account_load_many(&read, users, n, arena, &accounts, &n_accounts, err);
    read_end(&read);
    people = ARENA_NEW_N(arena, n_accounts + 1, struct person);
    for (i = 0; status == 0 && i < n_accounts; i++)
        status = load_person(directory, arena, &accounts[i], &people[i], err);
    if (status < 0)
        return -1;
    pthread_rwlock_wrlock(&directory->lock);
    for (i = 0; i < n_accounts; i++)
        people_index_put(directory->people, &people[i]);
    pthread_rwlock_unlock(&directory->lock);
    return 0;
}

/* ---- building ---- */

static bool is_stopping(struct directory *directory)
{
    pthread_mutex_lock(&directory->pending_lock);
    bool stopping = directory->stopping;
    pthread_mutex_unlock(&directory->pending_lock);
    return stopping;
}

/* 1 there is more, 0, -1. */
static int build_page(struct directory *directory, struct people_index *people, int64_t *after,
                      struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct account *accounts;
    struct read read;
    size_t n = 0;
    read_begin(directory->server->store, &read);
    int status = account_list(&read, *after, PAGE, arena, &accounts, &n, err);
    read_end(&read);
    for (size_t i = 0; status == 0 && i < n; i++) {
        struct person person;
        status = load_person(directory, arena, &accounts[i], &person, err);
        if (status == 0)
            people_index_put(people, &person);
        *after = accounts[i].user;
    }
    return status < 0 ? -1 : n == PAGE;
}

static void put_in_place(struct directory *directory, struct people_index *people)
{
    pthread_rwlock_wrlock(&directory->lock);
    struct people_index *old = directory->people;
    directory->people = people;
    pthread_rwlock_unlock(&directory->lock);
    people_index_free(old);
    pthread_mutex_lock(&directory->pending_lock);
    directory->is_built = !directory->has_lost;
    pthread_mutex_unlock(&directory->pending_lock);
}

/* Aside, while the old one is searched. Who changes meanwhile is read again afterwards. */
static int build(struct directory *directory, struct err *err)
{
    struct people_index *people = people_index_new();
    int64_t begun_ms = clock_monotonic_ms(), after = 0;
    int more = 1;
    pthread_mutex_lock(&directory->pending_lock);
    directory->has_lost = false;
    pthread_mutex_unlock(&directory->pending_lock);
    while (more == 1 && !is_stopping(directory))
        more = build_page(directory, people, &after, err);
    if (more != 0) {
        people_index_free(people);
        return more < 0 ? -1 : 0;
    }
    log_line(LOG_LEVEL_INFO, "directory_built", "people",
             LOG_INT((int64_t)people_index_count(people)), "bytes",
             LOG_INT((int64_t)people_index_bytes(people)), "ms",
             LOG_INT(clock_monotonic_ms() - begun_ms), NULL);
    put_in_place(directory, people);
    return 0;
}

/* ---- changes ---- */

void directory_listen(struct directory *directory, const struct log_entry *entries, size_t n)
{
    bool any = false;
    if (!directory->is_wanted)
        return;
    pthread_mutex_lock(&directory->pending_lock);
    for (size_t i = 0; i < n; i++) {
        if (entries[i].kind != LOG_KIND_PROFILE)
            continue;
        if (directory->pending.n == PENDING_MAX) {
            VEC_CLEAR(&directory->pending);
            directory->is_built = false;
            directory->has_lost = true;
        }
        VEC_ADD(&directory->pending, entries[i].user);
        any = true;
    }
    if (any)
        pthread_cond_signal(&directory->wake);
    pthread_mutex_unlock(&directory->pending_lock);
}

/* The oldest of the changes, at most PAGE; none while the index is built. Freed by the caller. */
static size_t take_pending(struct directory *directory, size_t most, int64_t **ret_users)
{
    pthread_mutex_lock(&directory->pending_lock);
    size_t n = directory->pending.n;
    if (!directory->is_built || n > most)
        n = 0;
    n = n < PAGE ? n : PAGE;
    *ret_users = n ? mem_copy(directory->pending.p, n * sizeof(int64_t)) : NULL;
    directory->pending.n -= n;
    if (n && directory->pending.n)
        memmove(directory->pending.p, directory->pending.p + n,
                directory->pending.n * sizeof(int64_t));
    pthread_mutex_unlock(&directory->pending_lock);
    return n;
}

static void put_back(struct directory *directory, const int64_t *users, size_t n)
{
    pthread_mutex_lock(&directory->pending_lock);
    for (size_t i = 0; i < n; i++)
        VEC_ADD(&directory->pending, users[i]);
    pthread_mutex_unlock(&directory->pending_lock);
}

/* Takes in what has changed, when that is not more than `most`. */
static int settle(struct directory *directory, size_t most, struct err *err)
{
    int64_t *users;
    size_t n;
    int status = 0;
    pthread_mutex_lock(&directory->settling);
    while (status == 0 && (n = take_pending(directory, most, &users)) > 0) {
        status = take_in(directory, users, n, err);
        if (status < 0)
            put_back(directory, users, n);
        mem_free(users);
    }
    pthread_mutex_unlock(&directory->settling);
    return status;
}

/* ---- the thread ---- */

static void wait_for_changes(struct directory *directory, bool failed)
{
    pthread_mutex_lock(&directory->pending_lock);
    if (failed && !directory->stopping)
        (void)wait_until(&directory->wake, &directory->pending_lock,
                         clock_monotonic_ms() + RETRY_MS);
    while (!failed && !directory->stopping && directory->is_built && !directory->pending.n)
        pthread_cond_wait(&directory->wake, &directory->pending_lock);
    pthread_mutex_unlock(&directory->pending_lock);
}

static bool wants_building(struct directory *directory)
{
    pthread_mutex_lock(&directory->settling);
    pthread_mutex_lock(&directory->pending_lock);
    if (people_index_is_worn(directory->people))
        directory->is_built = false;
    bool wanted = !directory->is_built;
    pthread_mutex_unlock(&directory->pending_lock);
    pthread_mutex_unlock(&directory->settling);
    return wanted;
}

static void *directory_main(void *arg)
{
    struct directory *directory = arg;
    pthread_setname_np(pthread_self(), "directory");
    while (!is_stopping(directory)) {
        struct err err = ERR_INIT;
        int status =
            wants_building(directory) ? build(directory, &err) : settle(directory, SIZE_MAX, &err);
        if (status < 0)
            log_line(LOG_LEVEL_ERROR, "directory", "detail", LOG_Z(err.detail), NULL);
        wait_for_changes(directory, status < 0);
    }
    return NULL;
}

/* ---- searching ---- */

void directory_find_people(struct use *use, struct str term, struct people_found **ret_found,
                           size_t *ret_n, bool *ret_more)
{
    struct directory *directory = use->server->directory;
    struct people_query query = {
        .term = term, .caller = use->caller.user, .now_ms = clock_wall_ms()};
    struct err ignored = ERR_INIT; /* what is not taken in now, the thread tries again */
    if (store_follow(use->server->store, &ignored) < 0 ||
        settle(directory, SETTLE_MAX, &ignored) < 0)
        log_line(LOG_LEVEL_WARN, "directory_behind", "detail", LOG_Z(ignored.detail), NULL);
    pthread_rwlock_rdlock(&directory->lock);
    people_index_search(directory->people, &query, use->arena, ret_found, ret_n, ret_more);
    pthread_rwlock_unlock(&directory->lock);
    pthread_mutex_lock(&directory->pending_lock);
    *ret_more |= !directory->is_built;
    pthread_mutex_unlock(&directory->pending_lock);
}

/* ---- life ---- */

struct directory *directory_new(struct server *server)
{
    struct directory *directory = MEM_NEW(struct directory);
    pthread_rwlockattr_t fair;
    directory->server = server;
    /* A change is not kept waiting by searches without a pause. */
    pthread_rwlockattr_init(&fair);
    pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&directory->lock, &fair);
    pthread_rwlockattr_destroy(&fair);
    pthread_mutex_init(&directory->settling, NULL);
    pthread_mutex_init(&directory->pending_lock, NULL);
    wait_init(&directory->wake);
    directory->is_wanted = server->config->registration_mode == CONFIG_REGISTRATION_EMAIL;
    if (directory->is_wanted)
        directory->people = people_index_new();
    return directory;
}

int directory_start(struct directory *directory, struct err *err)
{
    if (!directory->is_wanted)
        return 0;
    if (pthread_create(&directory->thread, NULL, directory_main, directory) != 0)
        return err_internal(err, "starting the thread of the directory");
    directory->has_thread = true;
    return 0;
}

void directory_stop(struct directory *directory)
{
    if (!directory || !directory->has_thread)
        return;
    pthread_mutex_lock(&directory->pending_lock);
    directory->stopping = true;
    pthread_cond_signal(&directory->wake);
    pthread_mutex_unlock(&directory->pending_lock);
    pthread_join(directory->thread, NULL);
    directory->has_thread = false;
}

void directory_free(struct directory *directory)
{
    if (!directory)
        return;
    people_index_free(directory->people);
    VEC_DONE(&directory->pending);
    pthread_cond_destroy(&directory->wake);
    pthread_mutex_destroy(&directory->pending_lock);
    pthread_mutex_destroy(&directory->settling);
    pthread_rwlock_destroy(&directory->lock);
    mem_free(directory);
}
