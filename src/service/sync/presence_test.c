/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/presence.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/service_unit.h"
#include "service/sync/notifier.h"

#define ME 11

struct scene {
    struct service_unit *unit;
    struct presence *presence;
    struct arena *arena;
};

static struct scene scene_open(void **state)
{
    struct service_unit *unit = *state;
    return (struct scene){unit, presence_new(unit->server->notifier, unit->server->store),
                          arena_new(MIB(1))};
}

static void scene_close(struct scene *scene)
{
    presence_free(scene->presence);
    arena_free(scene->arena);
}

static struct presence_shown shown(struct scene *scene, int64_t user)
{
    struct presence_shown one;
    presence_find(scene->presence, user, scene->arena, &one);
    return one;
}

static int64_t head(struct scene *scene)
{
    return notifier_typing_head(scene->unit->server->notifier);
}

static size_t moved(struct scene *scene, int64_t from, struct presence_shown **ret)
{
    int64_t before = INT64_MAX;
    size_t n;
    assert_false(presence_moves(scene->presence, from, &before, 100, scene->arena, ret, &n));
    return n;
}

static void test_changes_merge_and_are_told_once(void **state)
{
    struct scene scene = scene_open(state);
    struct presence_shown *list;
    int64_t from = head(&scene);
    presence_poll(scene.presence, ME, PRESENCE_ONLINE);
    presence_poll(scene.presence, ME, PRESENCE_ONLINE); /* nothing new */
    presence_set(scene.presence, ME, PRESENCE_UNAVAILABLE, STR("en réunion"));
    presence_poll(scene.presence, ME + 1, PRESENCE_ONLINE);
    assert_int_equal(head(&scene), from + 3);
    assert_int_equal(moved(&scene, from, &list), 2);
    assert_int_equal(list[0].user, ME + 1);
    assert_int_equal(list[1].user, ME);
    assert_int_equal(list[1].state, PRESENCE_UNAVAILABLE);
    assert_true(str_eq(list[1].status_msg, STR("en réunion")));
    assert_int_equal(moved(&scene, head(&scene), &list), 0);
    presence_poll(scene.presence, ME + 2, PRESENCE_OFFLINE); /* says nothing of it */
    assert_int_equal(moved(&scene, 0, &list), 2);
    scene_close(&scene);
}

static void test_changes_come_in_pages(void **state)
{
    struct scene scene = scene_open(state);
    struct presence_shown *list;
    int64_t from = head(&scene), before = INT64_MAX;
    size_t n;
    for (int64_t user = 1; user <= 5; user++)
        presence_poll(scene.presence, user, PRESENCE_ONLINE);
    presence_set(scene.presence, 4, PRESENCE_UNAVAILABLE, STR_NONE);
    assert_true(presence_moves(scene.presence, from, &before, 2, scene.arena, &list, &n));
    assert_true(n == 2 && list[0].user == 4 && list[1].user == 5);
    assert_true(presence_moves(scene.presence, from, &before, 2, scene.arena, &list, &n));
    assert_true(n == 2 && list[0].user == 3 && list[1].user == 2);
    assert_false(presence_moves(scene.presence, from, &before, 2, scene.arena, &list, &n));
    assert_true(n == 1 && list[0].user == 1);
    assert_false(presence_moves(scene.presence, from, &before, 2, scene.arena, &list, &n));
    assert_true(n == 0);
    scene_close(&scene);
}

static void test_who_polls_no_more_is_gone(void **state)
{
    struct scene scene = scene_open(state);
    struct presence_shown *list;
    int64_t now_ms = clock_monotonic_ms();
    presence_poll(scene.presence, ME, PRESENCE_ONLINE);
    assert_true(shown(&scene, ME).active);
    int64_t from = head(&scene);
    presence_sweep(scene.presence, now_ms + PRESENCE_GONE_MS - 1000);
    assert_int_equal(shown(&scene, ME).state, PRESENCE_ONLINE);
    presence_sweep(scene.presence, now_ms + PRESENCE_GONE_MS + 60000);
    assert_int_equal(moved(&scene, from, &list), 1);
    assert_int_equal(list[0].state, PRESENCE_OFFLINE);
    assert_true(list[0].active_ago_ms >= 0 && !list[0].active);
    assert_int_equal(moved(&scene, 0, &list), 0); /* who is offline is not told anew */
    presence_sweep(scene.presence, now_ms + 48 * 3600 * INT64_C(1000));
    assert_int_equal(shown(&scene, ME).active_ago_ms, -1); /* forgotten */
    scene_close(&scene);
}

static void test_other_nodes_are_heard_and_forgotten(void **state)
{
    struct scene scene = scene_open(state);
    int64_t now_ms = clock_monotonic_ms();
    presence_hear(scene.presence, STR("presence 12 2 5000 au bureau"));
    assert_int_equal(shown(&scene, 12).state, PRESENCE_ONLINE);
    assert_true(str_eq(shown(&scene, 12).status_msg, STR("au bureau")));
    assert_true(shown(&scene, 12).active_ago_ms >= 5000 || now_ms < 5000);
    /* Still here: another node does not know. */
    presence_poll(scene.presence, ME, PRESENCE_ONLINE);
    presence_hear(scene.presence, STR("presence 11 0 -1 "));
    assert_int_equal(shown(&scene, ME).state, PRESENCE_ONLINE);
    static const char *const rubbish[] = {
        "presence ",         "presence 13",       "presence 13 2",
        "presence 13 2 x ",  "presence -1 2 0 ",  "presence 13 3 0 ",
        "presence 13 -1 0 ", "presence 13 2 -2 ", "typing 13 2 0",
    };
    for (size_t i = 0; i < ARRAY_LEN(rubbish); i++)
        presence_hear(scene.presence, str_from(rubbish[i]));
    assert_int_equal(shown(&scene, 13).state, PRESENCE_OFFLINE);
    presence_sweep(scene.presence, now_ms + PRESENCE_GONE_MS + 60000);
    assert_int_equal(shown(&scene, 12).state, PRESENCE_OFFLINE);
    scene_close(&scene);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_changes_merge_and_are_told_once),
    service_unit_test(test_changes_come_in_pages),
    service_unit_test(test_who_polls_no_more_is_gone),
    service_unit_test(test_other_nodes_are_heard_and_forgotten),
};

SERVICE_UNIT_MAIN(tests)
