/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/delayed.h"

#include <stdio.h>

#include "base/limits.h"
#include "store/store_unit.h"

struct act {
    struct delayed delayed;
    int64_t most, n;
    struct err err;
};

static int write_insert(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_insert(w, &act->delayed, act->most, err);
}

static int write_restart(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_restart(w, &act->delayed, act->n, err);
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_end(w, &act->delayed, err);
}

static int write_begin(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_begin(w, &act->delayed.id, 1, err);
}

static int write_postpone(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_postpone(w, &act->delayed, act->n, err);
}

static int write_leave(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_leave(w, &act->delayed.id, 1, err);
}

static int write_cancel_device(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_cancel_device(w, act->delayed.user, act->n, err);
}

static int write_cancel_user(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_cancel_user(w, act->delayed.user, act->n, err);
}

static int write_forget(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_forget(w, act->n, err);
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return delayed_delete_user(w, act->delayed.user, err);
}

static struct delayed scheduled_on(struct store_unit *unit, int64_t user, int64_t device,
                                   const char *delay_id, int64_t due_ms)
{
    struct act act = {.delayed = {.id = store_new_id(unit->store),
                                  .user = user,
                                  .room = 7,
                                  .device = device,
                                  .delay_id = str_from(delay_id),
                                  .type = STR("m.room.message"),
                                  .content = STR("{\"body\":\"\\u00e9\"}"),
                                  .delay_ms = 10,
                                  .since_ms = due_ms - 10,
                                  .due_ms = due_ms},
                      .most = 100};
    unit_run(unit->store, write_insert, &act);
    return act.delayed;
}

static struct delayed scheduled(struct store_unit *unit, int64_t user, const char *delay_id,
                                int64_t due_ms)
{
    return scheduled_on(unit, user, 0, delay_id, due_ms);
}

static int found(struct store_unit *unit, const char *delay_id, struct delayed *ret)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(unit->store, &read);
    int status = delayed_find(&read, str_from(delay_id), unit->arena, ret, &err);
    read_end(&read);
    assert_true(status >= 0);
    return status;
}

static int64_t next_due(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t due = 0;
    read_begin(unit->store, &read);
    assert_int_equal(delayed_next_due(&read, &due, &err), 0);
    read_end(&read);
    return due;
}

static size_t listed_due(struct store_unit *unit, int64_t now_ms, struct delayed **ret)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(unit->store, &read);
    assert_int_equal(delayed_list_due(&read, now_ms, 10, unit->arena, ret, &n, &err), 0);
    read_end(&read);
    return n;
}

static void a_row_comes_back_as_it_was(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.delayed = {.id = store_new_id(unit->store),
                                  .user = 3,
                                  .room = 7,
                                  .device = 9,
                                  .txn = STR("m.t one"),
                                  .delay_id = STR("abc"),
                                  .type = STR("m.t"),
                                  .state_key = STR(""),
                                  .content = STR("{}"),
                                  .delay_ms = 5,
                                  .since_ms = 100,
                                  .due_ms = 105},
                      .most = 1};
    struct delayed row;
    struct err err = ERR_INIT;
    unit_run(unit->store, write_insert, &act);
    store_unit_reopen(unit);
    assert_int_equal(found(unit, "abc", &row), 1);
    assert_true(row.id == act.delayed.id && row.user == 3 && row.room == 7 && row.device == 9);
    assert_true(str_eq(row.txn, STR("m.t one")) && str_eq(row.type, STR("m.t")));
    assert_true(row.state_key.p && row.state_key.n == 0 && str_eq(row.content, STR("{}")));
    assert_true(row.delay_ms == 5 && row.since_ms == 100 && row.due_ms == 105);
    assert_true(row.state == DELAYED_SCHEDULED && !row.error.p && !row.event);
    assert_int_equal(found(unit, "abd", &row), 0);
    /* The same transaction is decided again, and one more than the user may have is refused. */
    act.delayed.id = store_new_id(unit->store);
    act.delayed.delay_id = STR("other");
    assert_int_equal(store_run(unit->store, write_insert, &act, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    act.delayed.txn = STR_NONE;
    err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_insert, &act, &err), -1);
    assert_int_equal(err.status, 429);
    assert_true(err.retry_after_ms > 0);
}

static void it_ends_once_and_not_when_it_was_started_again(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.delayed = scheduled(unit, 3, "one", 1000), .n = 2000};
    struct err err = ERR_INIT;
    struct delayed row;
    unit_run(unit->store, write_restart, &act);
    assert_true(next_due(unit) == 2010);
    act.delayed.state = DELAYED_SENT;
    act.delayed.event = 77;
    assert_int_equal(store_run(unit->store, write_end, &act, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    act.delayed.due_ms = 2010;
    unit_run(unit->store, write_end, &act);
    err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_end, &act, &err), -1);
    err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_restart, &act, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    assert_int_equal(found(unit, "one", &row), 1);
    assert_true(row.state == DELAYED_SENT && row.event == 77 && row.final_ms > 0);
    assert_true(next_due(unit) == INT64_MAX);
    struct read read;
    struct str delay_id;
    read_begin(unit->store, &read);
    assert_int_equal(delayed_find_event(&read, 77, unit->arena, &delay_id, &err), 1);
    assert_true(str_eq(delay_id, STR("one")));
    assert_int_equal(delayed_find_event(&read, 78, unit->arena, &delay_id, &err), 0);
    read_end(&read);
}

static void what_is_due_comes_oldest_first(void **state)
{
    struct store_unit *unit = *state;
    struct delayed *due;
    struct act act = {.delayed = scheduled(unit, 3, "late", 900)};
    scheduled(unit, 4, "early", 800);
    scheduled(unit, 4, "not yet", 1001);
    unit_run(unit->store, write_begin, &act);
    assert_int_equal(listed_due(unit, 1000, &due), 2);
    assert_true(str_eq(due[0].delay_id, STR("early")) && due[0].tries == 0);
    assert_true(str_eq(due[1].delay_id, STR("late")) && due[1].tries == 1);
    assert_true(str_eq(due[1].content, STR("{\"body\":\"\\u00e9\"}")));
    act.n = 5000;
    unit_run(unit->store, write_postpone, &act);
    assert_int_equal(listed_due(unit, 1000, &due), 1);
}

/* What was tried and outlived it is not counted towards those that end the process. */
static void what_is_postponed_is_counted_anew(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.delayed = scheduled(unit, 3, "one", 900), .n = 2000};
    struct delayed row;
    unit_run(unit->store, write_begin, &act);
    unit_run(unit->store, write_begin, &act);
    unit_run(unit->store, write_leave, &act);
    assert_int_equal(found(unit, "one", &row), 1);
    assert_true(row.tries == 1 && row.due_ms == 900);
    unit_run(unit->store, write_postpone, &act);
    assert_int_equal(found(unit, "one", &row), 1);
    assert_true(row.tries == 0 && row.due_ms == 2000);
    /* Not tried, it was not begun either. */
    unit_run(unit->store, write_leave, &act);
    assert_int_equal(found(unit, "one", &row), 1);
    assert_true(row.tries == 0);
}

static void what_was_started_again_is_not_postponed(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.delayed = scheduled(unit, 3, "one", 900), .n = 50000};
    unit_run(unit->store, write_restart, &act);
    act.n = 2000; /* by who saw it due at 900 */
    unit_run(unit->store, write_postpone, &act);
    assert_true(next_due(unit) == 50010);
}

static int64_t state_of(struct store_unit *unit, const char *delay_id)
{
    struct delayed row;
    assert_int_equal(found(unit, delay_id, &row), 1);
    assert_true((row.state == DELAYED_SCHEDULED) == (row.final_ms == 0));
    return row.state;
}

static void they_go_with_their_session(void **state)
{
    struct store_unit *unit = *state;
    struct act act = {.delayed = scheduled_on(unit, 3, 9, "a", 900), .n = 9};
    scheduled_on(unit, 3, 10, "b", 900);
    scheduled_on(unit, 3, 11, "c", 900);
    scheduled_on(unit, 3, 0, "none", 900);
    scheduled_on(unit, 4, 10, "other", 900);
    unit_run(unit->store, write_cancel_device, &act);
    assert_int_equal(state_of(unit, "a"), DELAYED_CANCELLED);
    assert_int_equal(state_of(unit, "b"), DELAYED_SCHEDULED);
    act.n = 11;
    unit_run(unit->store, write_cancel_user, &act);
    assert_int_equal(state_of(unit, "b"), DELAYED_CANCELLED);
    assert_int_equal(state_of(unit, "none"), DELAYED_CANCELLED);
    assert_int_equal(state_of(unit, "c"), DELAYED_SCHEDULED);
    act.n = -1;
    unit_run(unit->store, write_cancel_user, &act);
    assert_int_equal(state_of(unit, "c"), DELAYED_CANCELLED);
    assert_int_equal(state_of(unit, "other"), DELAYED_SCHEDULED);
}

static void few_final_ones_are_kept(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct delayed *rows;
    struct read read;
    char delay_id[16];
    size_t n = 0;
    for (int i = 0; i < LIMIT_DELAYED_FINAL + 5; i++) {
        (void)snprintf(delay_id, sizeof delay_id, "d%d", i);
        struct act act = {.delayed = scheduled(unit, 3, delay_id, 10)};
        act.delayed.state = DELAYED_FAILED;
        act.delayed.error = STR("{}");
        unit_run(unit->store, write_end, &act);
    }
    struct act other = {.delayed = scheduled(unit, 4, "other", 10), .n = INT64_MAX};
    read_begin(unit->store, &read);
    assert_int_equal(delayed_list_user(&read, 3, unit->arena, &rows, &n, &err), 0);
    read_end(&read);
    assert_true(n >= 1 && n <= LIMIT_DELAYED_FINAL + 1);
    assert_true(str_eq(rows[0].error, STR("{}")) && !rows[0].content.p);
    unit_run(unit->store, write_forget, &other);
    read_begin(unit->store, &read);
    assert_int_equal(delayed_list_user(&read, 3, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(delayed_list_user(&read, 4, unit->arena, &rows, &n, &err), 0);
    assert_int_equal(n, 1);
    read_end(&read);
    unit_run(unit->store, write_delete, &other);
    assert_true(next_due(unit) == INT64_MAX);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_row_comes_back_as_it_was),
    store_unit_test(it_ends_once_and_not_when_it_was_started_again),
    store_unit_test(what_is_due_comes_oldest_first),
    store_unit_test(what_is_postponed_is_counted_anew),
    store_unit_test(what_was_started_again_is_not_postponed),
    store_unit_test(they_go_with_their_session),
    store_unit_test(few_final_ones_are_kept),
};

STORE_UNIT_MAIN(tests)
