/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/pusher.h"

#include "base/limits.h"
#include "store/store_unit.h"

struct act {
    struct pusher pusher;
    struct push_progress progress;
    bool others;
};

static int write_put(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return pusher_put(w, &act->pusher, act->others, err);
}

static int write_progress(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return pusher_set_progress(w, &act->pusher, err);
}

static int write_delete_device(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return pusher_delete_device(w, act->pusher.device, err);
}

static int write_begin(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    return push_progress_begin(w, &act->progress, err);
}

static int write_at(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return push_progress_set_at(w, act->progress.at_pusher, act->progress.at_pos, err);
}

static int write_past(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return push_progress_set_past(w, err);
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return push_progress_end(w, act->progress.pos, err);
}

static struct act wish(struct store_unit *unit, int64_t user, const char *key)
{
    return (struct act){.pusher = {.id = store_new_id(unit->store),
                                   .user = user,
                                   .device = 7,
                                   .kind = PUSHER_HTTP,
                                   .app_id = STR("app"),
                                   .pushkey = str_from(key),
                                   .app_name = STR("App"),
                                   .device_name = STR("Device"),
                                   .lang = STR("fr"),
                                   .data = STR("{}")}};
}

static size_t list(struct store_unit *unit, int64_t user, struct pusher **ret_pushers)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(unit->store, &read);
    assert_int_equal(pusher_list(&read, user, unit->arena, ret_pushers, &n, &err), 0);
    read_end(&read);
    return n;
}

static struct push_progress progress_of(struct store_unit *unit)
{
    struct push_progress progress;
    struct err err = ERR_INIT;
    struct read read;
    read_begin(unit->store, &read);
    assert_int_equal(push_progress_load(&read, &progress, &err), 0);
    read_end(&read);
    return progress;
}

static void test_one_pusher_a_user_and_key(void **state)
{
    struct store_unit *unit = *state;
    struct act first = wish(unit, 1, "key"), again = wish(unit, 1, "key");
    struct act other = wish(unit, 2, "key"), third = wish(unit, 3, "key");
    struct pusher *pushers;
    int64_t generation = progress_of(unit).generation;
    unit_run(unit->store, write_put, &first);
    assert_true(progress_of(unit).generation > generation);
    again.pusher.lang = STR("en");
    unit_run(unit->store, write_put, &again);
    assert_int_equal(list(unit, 1, &pushers), 1);
    assert_int_equal(pushers[0].id, first.pusher.id);
    assert_str(pushers[0].lang, STR("en"));
    assert_null(pushers[0].profile_tag.p);
    unit_run(unit->store, write_put, &other);
    assert_int_equal(list(unit, 1, &pushers), 1);
    third.others = true;
    unit_run(unit->store, write_put, &third);
    assert_int_equal(list(unit, 1, &pushers), 0);
    assert_int_equal(list(unit, 2, &pushers), 0);
    assert_int_equal(list(unit, 3, &pushers), 1);
}

static void test_a_user_has_so_many(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct pusher *pushers;
    for (int i = 0; i < LIMIT_PUSHERS; i++) {
        struct act act = wish(unit, 1, arena_printf(unit->arena, "%d%c", i, 0).p);
        unit_run(unit->store, write_put, &act);
    }
    struct act more = wish(unit, 1, "more"), same = wish(unit, 1, "0");
    assert_int_equal(store_run(unit->store, write_put, &more, &err), -1);
    assert_int_equal(err.status, 400);
    unit_run(unit->store, write_put, &same);
    assert_int_equal(list(unit, 1, &pushers), LIMIT_PUSHERS);
}

static void test_they_go_with_their_device(void **state)
{
    struct store_unit *unit = *state;
    struct act here = wish(unit, 1, "a"), there = wish(unit, 1, "b"), none = wish(unit, 1, "c");
    struct pusher *pushers;
    there.pusher.device = 8;
    none.pusher.device = 0;
    unit_run(unit->store, write_put, &here);
    unit_run(unit->store, write_put, &there);
    unit_run(unit->store, write_put, &none);
    unit_run(unit->store, write_delete_device, &here);
    assert_int_equal(list(unit, 1, &pushers), 2);
    unit_run(unit->store, write_delete_device, &none);
    assert_int_equal(list(unit, 1, &pushers), 2);
}

static void test_one_that_is_behind_is_due(void **state)
{
    struct store_unit *unit = *state;
    struct act act = wish(unit, 1, "a");
    struct err err = ERR_INIT;
    struct pusher *pushers;
    struct read read;
    int64_t due;
    size_t n;
    unit_run(unit->store, write_put, &act);
    assert_int_equal(list(unit, 1, &pushers), 1);
    struct act late = {.pusher = pushers[0]};
    late.pusher.behind = true;
    late.pusher.pos = 5;
    late.pusher.tries = 3;
    late.pusher.due_ms = 1000;
    unit_run(unit->store, write_progress, &late);
    read_begin(unit->store, &read);
    assert_int_equal(pusher_next_due(&read, &due, &err), 0);
    assert_int_equal(due, 1000);
    assert_int_equal(
        pusher_list_due(&read, 999, &(struct pusher_mark){0}, 10, unit->arena, &pushers, &n, &err),
        0);
    assert_int_equal(n, 0);
    assert_int_equal(
        pusher_list_due(&read, 1000, &(struct pusher_mark){0}, 10, unit->arena, &pushers, &n, &err),
        0);
    assert_int_equal(n, 1);
    assert_int_equal(pushers[0].pos, 5);
    read_end(&read);
    /* Set again, it is tried at once, and goes on from where it was. */
    unit_run(unit->store, write_put, &act);
    assert_int_equal(list(unit, 1, &pushers), 1);
    assert_true(pushers[0].behind);
    assert_int_equal(pushers[0].due_ms, 0);
    assert_int_equal(pushers[0].tries, 0);
    assert_int_equal(pushers[0].pos, 5);
    /* Whoever has read it before it was set learns that, and reads it again. */
    late.pusher.made_ms--;
    late.pusher.pos = 9;
    assert_int_equal(store_run(unit->store, write_progress, &late, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    assert_int_equal(list(unit, 1, &pushers), 1);
    assert_int_equal(pushers[0].pos, 5);
}

static size_t suspects_of(struct store_unit *unit, struct push_suspect **ret_suspects)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(unit->store, &read);
    assert_int_equal(push_suspect_list(&read, unit->arena, ret_suspects, &n, &err), 0);
    read_end(&read);
    return n;
}

static void test_crashes_are_counted_where_they_happen(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.progress = {.at_pusher = 3, .at_pos = 9}}, begin = {0};
    struct push_suspect *suspects;
    unit_run(unit->store, write_begin, &begin);
    assert_int_equal(begin.progress.begun, 0);
    unit_run(unit->store, write_begin, &begin);
    assert_int_equal(begin.progress.begun, 1);
    assert_int_equal(suspects_of(unit, &suspects), 0);
    for (int crash = 0; crash < 2; crash++) {
        unit_run(unit->store, write_at, &act);
        unit_run(unit->store, write_begin, &begin);
    }
    unit_run(unit->store, write_begin, &begin); /* at nothing */
    assert_int_equal(suspects_of(unit, &suspects), 1);
    assert_int_equal(suspects[0].pusher, 3);
    assert_int_equal(suspects[0].pos, 9);
    assert_int_equal(suspects[0].crashes, 2);
    unit_run(unit->store, write_past, &act);
    assert_int_equal(suspects_of(unit, &suspects), 0);
    assert_int_equal(progress_of(unit).begun, 1);
    act.progress.pos = 77;
    unit_run(unit->store, write_end, &act);
    assert_int_equal(progress_of(unit).begun, 0);
    assert_int_equal(progress_of(unit).pos, 77);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(test_one_pusher_a_user_and_key),
    store_unit_test(test_a_user_has_so_many),
    store_unit_test(test_they_go_with_their_device),
    store_unit_test(test_one_that_is_behind_is_due),
    store_unit_test(test_crashes_are_counted_where_they_happen),
};
STORE_UNIT_MAIN(tests)
