/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/private.h"
#include "store/state_codec.h"
#include "store/state_rows.h"
#include "store/store_unit.h"

/* The n-th number of a fixed sequence: tests do the same each time. */
static uint64_t mixed(uint64_t n)
{
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

/* ---- bytes ---- */

static void entries_come_back_from_bytes(void **state)
{
    struct store_unit *unit = *state;
    struct state_entry entries[] = {
        {1, 1, 5}, {1, 2, 0}, {1, INT64_MAX, 9007199254740993}, {7, 3, 1}, {INT64_MAX, 1, 12},
    };
    struct state_entry *back;
    size_t n;
    struct str bytes = state_entries_encode(entries, ARRAY_LEN(entries), unit->arena);
    assert_int_equal(state_entries_decode(bytes, &back, &n), 0);
    assert_int_equal(n, ARRAY_LEN(entries));
    assert_memory_equal(back, entries, sizeof entries);
    mem_free(back);
    for (size_t cut = 1; cut < bytes.n; cut++) {
        struct state_entry *part;
        if (state_entries_decode(str_first(bytes, cut), &part, &n) == 0) {
            assert_true(n < ARRAY_LEN(entries));
            mem_free(part);
        }
    }
    assert_int_equal(state_entries_decode(STR("\x01\x01\x02\x00\x00\x02"), &back, &n), -1);
    assert_int_equal(
        state_entries_decode(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x01"), &back, &n),
        -1);
}

/* ---- making and saving ---- */

static int64_t make(struct read *r, int64_t parent, const struct state_entry *changes, size_t n)
{
    struct err err = ERR_INIT;
    int64_t made = -1;
    if (state_make(r, 7, parent, changes, n, &made, &err) < 0)
        fail_msg("state_make: %s", err.detail);
    return made;
}

static int save(struct write *w, void *arg, struct err *err)
{
    return state_save(w, *(int64_t *)arg, err);
}

static int64_t find(struct read *r, int64_t from, int64_t type, int64_t key)
{
    struct err err = ERR_INIT;
    int64_t event = 0;
    assert_true(state_find(r, from, type, key, &event, &err) >= 0);
    return event;
}

static void equal_states_are_one(void **state)
{
    struct store_unit *unit = *state;
    struct state_entry a = {1, 1, 10}, b = {1, 2, 11}, both[] = {{1, 2, 11}, {1, 1, 10}};
    struct state_entry other = {1, 1, 12}, gone[] = {{1, 1, 0}, {1, 2, 0}};
    struct read r;
    read_begin(unit->store, &r);
    int64_t one = make(&r, make(&r, 0, &a, 1), &b, 1);
    int64_t two = make(&r, make(&r, 0, &b, 1), &a, 1);
    assert_true(one > 0);
    assert_int_equal(one, two);
    assert_int_equal(make(&r, 0, both, 2), one);
    assert_int_equal(make(&r, one, &a, 1), one);
    assert_int_equal(make(&r, make(&r, one, &other, 1), &a, 1), one);
    assert_int_equal(make(&r, one, gone, 2), 0);
    assert_int_equal(make(&r, 0, gone, 2), 0);
    read_end(&r);
    unit_run(unit->store, save, &one);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(make(&r, 0, both, 2), one);
    assert_int_equal(find(&r, one, 1, 2), 11);
    assert_int_equal(find(&r, one, 1, 3), 0);
    read_end(&r);
}

/* What a dropped decision had made is not in the store, and can be saved when it comes again. */
static void what_was_not_saved_is_saved_later(void **state)
{
    struct store_unit *unit = *state;
    struct state_entry changes[] = {{1, 1, 10}, {1, 2, 11}, {1, 3, 12}};
    struct read r;
    int64_t at = 0;
    read_begin(unit->store, &r);
    for (int i = 0; i < 3; i++)
        at = make(&r, at, &changes[i], 1);
    read_end(&r);
    unit_run(unit->store, save, &at); /* and its parents */
    unit_run(unit->store, save, &at);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(find(&r, at, 1, 1), 10);
    assert_int_equal(find(&r, at, 1, 3), 12);
    read_end(&r);
}

static int save_and_fail(struct write *w, void *arg, struct err *err)
{
    return state_save(w, *(int64_t *)arg, err) < 0 ? -1 : err_internal(err, "after saving");
}

static void a_lost_batch_saves_nothing(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct state_entry a = {1, 1, 10}, b = {1, 2, 11};
    struct read r;
    read_begin(unit->store, &r);
    int64_t first = make(&r, 0, &a, 1), second = make(&r, first, &b, 1);
    read_end(&r);
    assert_int_equal(store_run(unit->store, save_and_fail, &first, &err), -1);
    unit_run(unit->store, save, &second);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(find(&r, second, 1, 1), 10);
    read_end(&r);
}

/* ---- against a plain map ---- */

enum { KEYS = 40, STEPS = 600 };

struct model {
    int64_t state;
    int64_t events[KEYS]; /* by key - 1; 0: absent */
};

static struct model step(struct read *r, const struct model *from, uint64_t seed)
{
    struct state_entry changes[4];
    struct model next = *from;
    size_t n = 1 + mixed(seed) % 4, kept = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t key = 1 + (int64_t)(mixed(seed * 31 + i) % KEYS);
        bool twice = false;
        for (size_t j = 0; j < kept; j++)
            twice = twice || changes[j].state_key == key;
        if (twice)
            continue;
        int64_t event = mixed(seed * 37 + i) % 5 == 0 ? 0 : (int64_t)(100 + mixed(seed + i) % 500);
        changes[kept++] = (struct state_entry){1 + key % 3, key, event};
        next.events[key - 1] = event;
    }
    next.state = make(r, from->state, changes, kept);
    return next;
}

static void assert_model(struct store_unit *unit, struct read *r, const struct model *model)
{
    struct err err = ERR_INIT;
    struct state_entry *entries;
    size_t n, present = 0;
    for (int64_t key = 1; key <= KEYS; key++) {
        int64_t event = model->events[key - 1];
        assert_int_equal(find(r, model->state, 1 + key % 3, key), event);
        present += event != 0;
    }
    assert_int_equal(state_load(r, model->state, unit->arena, &entries, &n, &err), 0);
    assert_int_equal(n, present);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(entries[i].event, model->events[entries[i].state_key - 1]);
        assert_true(i == 0 || state_entry_cmp(&entries[i - 1], &entries[i]) < 0);
    }
}

static void assert_diff(struct store_unit *unit, struct read *r, const struct model *from,
                        const struct model *to)
{
    struct err err = ERR_INIT;
    struct state_entry *changes;
    size_t n, expected = 0;
    assert_int_equal(state_diff(r, from->state, to->state, unit->arena, &changes, &n, &err), 0);
    for (int key = 0; key < KEYS; key++)
        expected += from->events[key] != to->events[key];
    assert_int_equal(n, expected);
    for (size_t i = 0; i < n; i++) {
        int64_t key = changes[i].state_key - 1;
        assert_int_equal(changes[i].event, to->events[key]);
        assert_int_not_equal(changes[i].event, from->events[key]);
    }
}

/* A tree of states: most stand on the one before, some on any. */
static void random_states_are_what_a_map_says(void **state)
{
    struct store_unit *unit = *state;
    struct model *models = arena_alloc(unit->arena, STEPS + 1, sizeof *models);
    struct read r;
    read_begin(unit->store, &r);
    for (size_t i = 1; i <= STEPS; i++) {
        size_t parent = mixed(i * 3) % 4 ? i - 1 : mixed(i * 5) % i;
        models[i] = step(&r, &models[parent], i);
    }
    for (size_t i = 0; i <= STEPS; i += 7)
        assert_model(unit, &r, &models[i]);
    read_end(&r);
    for (size_t i = 0; i <= STEPS; i++)
        if (mixed(i) % 2)
            unit_run(unit->store, save, &models[i].state);
    for (size_t i = 0; i <= STEPS; i++)
        unit_run(unit->store, save, &models[i].state);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    for (size_t i = 0; i <= STEPS; i++)
        assert_model(unit, &r, &models[i]);
    for (size_t i = 0; i < 2000; i++)
        assert_diff(unit, &r, &models[mixed(i) % (STEPS + 1)], &models[mixed(i * 7) % (STEPS + 1)]);
    read_end(&r);
}

/* ---- costs ---- */

enum { TALL = 3000 };

static void jumps_have_their_heights(void **state)
{
    static const int64_t expected[] = {0, 0, 1, 0, 3, 4, 3, 0, 7, 8, 7, 10, 11, 10, 7, 0, 15};
    (void)state;
    for (int64_t height = 1; height < (int64_t)ARRAY_LEN(expected); height++)
        assert_int_equal(state_jump_height(height), expected[height]);
}

static void a_lookup_touches_few_rows(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct state_entry *changes;
    struct read r;
    int64_t at = 0, before = 0;
    size_t n;
    read_begin(unit->store, &r);
    for (int i = 1; i <= TALL; i++) {
        before = i <= TALL - 5 ? at : before;
        at = make(&r, at, &(struct state_entry){1, i, 1000 + i}, 1);
    }
    before = before ? before : at;
    read_end(&r);
    unit_run(unit->store, save, &at);
    for (int i = 1; i <= TALL; i += 131) {
        store_unit_reopen(unit);
        read_begin(unit->store, &r);
        assert_int_equal(find(&r, at, 1, i), 1000 + i);
        read_end(&r);
        assert_true(state_cache_count(unit->store->states) <= 24); /* 2 log2 3000 */
    }
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(state_diff(&r, before, at, unit->arena, &changes, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 6);
    assert_true(state_cache_count(unit->store->states) <= 40);
}

static const struct db_stmt UNIT_SIZES = {
    "unit_sizes",
    "SELECT coalesce(sum(length(hash) + length(delta) + coalesce(length(jump_delta), 0) + 80), 0)"
    " FROM state",
};

/* Distinct keys are the worst case: a jump holds every change that it goes over. */
static void a_change_costs_little(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    struct read r;
    int64_t at = 0, bytes = 0;
    read_begin(unit->store, &r);
    for (int i = 1; i <= TALL; i++)
        at = make(&r, at, &(struct state_entry){5, 100000 + i * 7, 1000000 + i * 9}, 1);
    read_end(&r);
    unit_run(unit->store, save, &at);
    read_begin(unit->store, &r);
    assert_int_equal(read_conn(&r, &conn, &err), 0);
    assert_int_equal(db_query_int(conn, &UNIT_SIZES, DB_NO_PARAMS, &bytes, &err), 1);
    read_end(&r);
    assert_true(bytes / TALL < 200);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(jumps_have_their_heights),  store_unit_test(entries_come_back_from_bytes),
    store_unit_test(equal_states_are_one),       store_unit_test(what_was_not_saved_is_saved_later),
    store_unit_test(a_lost_batch_saves_nothing), store_unit_test(random_states_are_what_a_map_says),
    store_unit_test(a_lookup_touches_few_rows),  store_unit_test(a_change_costs_little),
};
STORE_UNIT_MAIN(tests)
