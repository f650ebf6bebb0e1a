/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/media_claim.h"

#include "base/clock.h"
#include "store/media.h"
#include "store/store_unit.h"

#define A STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define B STR("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")

#define HOUR 3600000

struct act {
    struct str content;
    int64_t node, until_ms;
    bool ours;
};

static int write_take(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_claim_take(w, act->content, act->node, act->until_ms, err);
}

static int write_take_away(struct write *w, void *arg, struct err *err)
{
    struct act *act = arg;
    return media_claim_take_away(w, act->content, act->node, act->until_ms, &act->ours, err);
}

static int write_drop(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_claim_drop(w, act->content, act->node, err);
}

static int write_expire(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return media_claim_expire(w, write_time_ms(w), err);
}

/* Until for_ms from now. */
static int take(struct store_unit *unit, int64_t node, struct str content, int64_t for_ms)
{
    struct act act = {content, node, clock_wall_ms() + for_ms, false};
    struct err err = ERR_INIT;
    int status = store_run(unit->store, write_take, &act, &err);
    if (status < 0)
        assert_int_equal(err.status, 503);
    return status;
}

static bool take_away(struct store_unit *unit, int64_t node, struct str content, int64_t for_ms)
{
    struct act act = {content, node, clock_wall_ms() + for_ms, false};
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_take_away, &act, &err), 0);
    return act.ours;
}

static void drop(struct store_unit *unit, int64_t node, struct str content)
{
    struct act act = {content, node, 0, false};
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_drop, &act, &err), 0);
}

static void what_a_node_names_another_leaves(void **state)
{
    struct store_unit *unit = *state;
    assert_int_equal(take(unit, 1, A, HOUR), 0);
    assert_int_equal(take(unit, 1, A, HOUR), 0);
    assert_int_equal(take(unit, 2, A, HOUR), 0);
    assert_false(take_away(unit, 3, A, HOUR));
    assert_true(take_away(unit, 3, B, HOUR));
    drop(unit, 1, A);
    assert_false(take_away(unit, 3, A, HOUR));
    drop(unit, 2, A);
    assert_true(take_away(unit, 3, A, HOUR));
}

static void what_a_node_takes_away_another_does_not_name(void **state)
{
    struct store_unit *unit = *state;
    assert_true(take_away(unit, 1, A, HOUR));
    assert_int_equal(take(unit, 2, A, HOUR), -1);
    assert_false(take_away(unit, 2, A, HOUR));
    assert_int_equal(take(unit, 1, A, HOUR), 0); /* its own: it looks after itself */
    assert_int_equal(take(unit, 2, A, HOUR), 0);
    drop(unit, 1, A);
    drop(unit, 2, A);
    assert_true(take_away(unit, 1, A, HOUR));
    drop(unit, 1, A);
    assert_int_equal(take(unit, 2, A, HOUR), 0);
}

static void a_dead_node_s_claim_ends(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    assert_int_equal(take(unit, 1, A, -1), 0);
    assert_true(take_away(unit, 2, A, -1));
    assert_int_equal(take(unit, 3, A, HOUR), 0);
    assert_int_equal(store_run(unit->store, write_expire, NULL, &err), 0);
    assert_false(take_away(unit, 2, A, HOUR));
}

static int write_media(struct write *w, void *arg, struct err *err)
{
    struct media media = {.id = store_new_id(write_store(w)),
                          .origin = STR(""),
                          .media_id = STR("abc"),
                          .hash = *(const struct str *)arg};
    return media_insert(w, &media, 0, err);
}

static void what_a_row_names_nobody_takes_away(void **state)
{
    struct store_unit *unit = *state;
    struct str content = A;
    struct err err = ERR_INIT;
    assert_int_equal(store_run(unit->store, write_media, &content, &err), 0);
    assert_false(take_away(unit, 1, A, HOUR));
    assert_true(take_away(unit, 1, B, HOUR));
}

static const struct CMUnitTest tests[] = {
    store_unit_test(what_a_node_names_another_leaves),
    store_unit_test(what_a_node_takes_away_another_does_not_name),
    store_unit_test(a_dead_node_s_claim_ends),
    store_unit_test(what_a_row_names_nobody_takes_away),
};

STORE_UNIT_MAIN(tests)
