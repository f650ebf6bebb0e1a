/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/service_unit.h"

#include <sched.h>

#include "base/limits.h"
#include "base/mem.h"
#include "store/account.h"

/* The engine of this test program: set once, before its tests. */
static enum db_engine unit_engine;

void service_unit_set_engine(enum db_engine engine)
{
    unit_engine = engine;
}

static void open_server(struct service_unit *unit)
{
    const unsigned char seed[ED25519_SEED_BYTES] = {7};
    struct ed25519_key key;
    struct err err = ERR_INIT;
    ed25519_key_from_seed(&key, seed);
    if (server_open(&unit->config, &key, STR("ed25519:a"), &unit->server, &err) < 0)
        fail_msg("server_open: %s", err.detail);
}

int service_unit_open(void **state)
{
    struct service_unit *unit = MEM_NEW(struct service_unit);
    unit->db = db_unit_new(unit_engine);
    unit->config.server_name = STR("x");
    unit->config.database = str_from(db_unit_uri(unit->db));
    unit->config.rooms_default_version = STR("12");
    open_server(unit);
    *state = unit;
    return 0;
}

int service_unit_close(void **state)
{
    struct service_unit *unit = *state;
    server_close(unit->server);
    db_unit_free(unit->db);
    mem_free(unit);
    return 0;
}

void service_unit_reopen(struct service_unit *unit)
{
    server_close(unit->server);
    open_server(unit);
}

static int write_account(struct write *w, void *arg, struct err *err)
{
    return account_insert(w, arg, err);
}

struct caller unit_account(struct service_unit *unit, const char *user_id)
{
    struct caller caller = {.user_id = str_from(user_id), .device_id = STR("D")};
    struct account account = {.created_ms = 1};
    struct store *store = unit->server->store;
    struct err err = ERR_INIT;
    if (store_intern(store, caller.user_id, &caller.user, &err) < 0)
        fail_msg("store_intern: %s", err.detail);
    account.user = caller.user;
    caller.device = store_new_id(store);
    if (store_run(store, write_account, &account, &err) < 0)
        fail_msg("account_insert: %s %s", err.text, err.detail);
    return caller;
}

void unit_use_begin(struct service_unit *unit, const struct caller *caller, struct use *ret_use)
{
    *ret_use = (struct use){
        .server = unit->server,
        .arena = arena_new(MIB(16)),
        .caller = *caller,
        .err = ERR_INIT,
    };
    read_begin(unit->server->store, &ret_use->read);
}

void unit_use_end(struct use *use)
{
    read_end(&use->read);
    arena_free(use->arena);
}

void unit_use_look(struct use *use)
{
    struct account account;
    if (account_load(&use->read, use->caller.user, use->arena, &account, &use->err) < 0)
        fail_msg("account_load: %s", use->err.detail);
}

/* ---- the gate ---- */

static int stand_in_gate(struct write *w, void *arg, struct err *err)
{
    struct unit_gate *gate = arg;
    (void)w;
    (void)err;
    pthread_mutex_lock(&gate->lock);
    gate->reached = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    return 0;
}

static void leave_gate(struct job *job, enum job_result result, const struct err *err)
{
    struct unit_gate *gate = job->arg;
    (void)result;
    (void)err;
    pthread_mutex_lock(&gate->lock);
    gate->done = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void unit_gate_close(struct unit_gate *gate, struct store *store)
{
    struct err err = ERR_INIT;
    *gate = (struct unit_gate){.job = {.run = stand_in_gate, .done = leave_gate, .arg = gate}};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    if (store_submit(store, &gate->job, &err) < 0)
        fail_msg("store_submit: %s", err.detail);
    pthread_mutex_lock(&gate->lock);
    while (!gate->reached)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

void unit_gate_open(struct unit_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->done)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

void unit_gate_wait(struct store *store, int64_t n)
{
    struct store_counts counts = {0};
    while (counts.queue < n) {
        sched_yield();
        store_count(store, &counts);
    }
}

/* ---- soundness ---- */

static void print_fault(void *arg, const char *line)
{
    (void)arg;
    print_error("%s\n", line);
}

void unit_check_store(struct service_unit *unit)
{
    struct err err = ERR_INIT;
    int sound = store_check(unit->server->store, print_fault, NULL, &err);
    if (sound < 0)
        fail_msg("store_check: %s", err.detail);
    assert_int_equal(sound, 1);
}
