/* SPDX-License-Identifier: EUPL-1.2 */

/* What the thread that pushes does in one turn, called from the test instead of the thread: nothing
 * leaves, since no turn of the courier is made. */

#include "base/clock.h"
#include "base/limits.h"
#include "service/push/pushing_private.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"

#define LONG_AGO 1000
#define DOWN     STR("{\"url\":\"https://down.example/_matrix/push/v1/notify\"}")
#define UP       STR("{\"url\":\"https://up.example/_matrix/push/v1/notify\"}")

struct scene {
    struct service_unit *unit;
    struct pushing *pushing;
    struct arena *arena;
};

static void begin(struct scene *scene, struct service_unit *unit, int64_t part_ms)
{
    struct pushing *pushing = unit->server->pushing;
    *scene = (struct scene){unit, pushing, arena_new(MIB(1))};
    pushing_stop(pushing);
    atomic_store(&pushing->stopping, false);
    pushing->part_ms = part_ms;
}

static void end(struct scene *scene)
{
    unit_check_store(scene->unit);
    arena_free(scene->arena);
}

static void run(const struct scene *scene, int (*job)(struct write *w, void *arg, struct err *err),
                void *arg)
{
    struct err err = ERR_INIT;
    if (store_run(scene->unit->server->store, job, arg, &err) < 0)
        fail_msg("%s %s", err.text, err.detail);
}

/* ---- pushers ---- */

static int write_put(struct write *w, void *arg, struct err *err)
{
    return pusher_put(w, arg, false, err);
}

static int write_progress(struct write *w, void *arg, struct err *err)
{
    return pusher_set_progress(w, arg, err);
}

static struct pusher load(const struct scene *scene, int64_t id)
{
    struct pusher pusher;
    struct err err = ERR_INIT;
    struct read read;
    read_begin(scene->unit->server->store, &read);
    assert_int_equal(pusher_load(&read, id, scene->arena, &pusher, &err), 1);
    read_end(&read);
    return pusher;
}

static struct pusher new_pusher(const struct scene *scene, const struct caller *caller,
                                struct str data)
{
    int64_t id = store_new_id(scene->unit->server->store);
    return (struct pusher){.id = id,
                           .user = caller->user,
                           .kind = PUSHER_HTTP,
                           .app_id = STR("app"),
                           .pushkey = arena_printf(scene->arena, "%lld", (long long)id),
                           .app_name = STR("a"),
                           .device_name = STR("d"),
                           .lang = STR("fr"),
                           .data = data};
}

static int64_t set_pusher(const struct scene *scene, const struct caller *caller, struct str data)
{
    struct pusher pusher = new_pusher(scene, caller, data);
    run(scene, write_put, &pusher);
    return pusher.id;
}

static void leave_behind(const struct scene *scene, int64_t id, int64_t pos, int64_t due_ms)
{
    struct pusher pusher = load(scene, id);
    pusher.behind = true;
    pusher.pos = pos;
    pusher.due_ms = due_ms;
    run(scene, write_progress, &pusher);
}

#define OF_ONE 40 /* pushers of one account */

struct late {
    struct pusher pushers[OF_ONE];
};

static int write_late(struct write *w, void *arg, struct err *err)
{
    struct late *late = arg;
    for (size_t i = 0; i < OF_ONE; i++) {
        struct pusher *pusher = &late->pushers[i];
        pusher->made_ms = write_time_ms(w);
        if (pusher_put(w, pusher, false, err) < 0 || pusher_set_progress(w, pusher, err) < 0)
            return -1;
    }
    return 0;
}

/* Puts them there, or to their time again. */
static void set_late(const struct scene *scene, struct late *late)
{
    for (size_t i = 0; i < OF_ONE; i++) {
        late->pushers[i].behind = true;
        late->pushers[i].due_ms = LONG_AGO;
    }
    run(scene, write_late, late);
}

static struct late *new_late(const struct scene *scene, const struct caller *caller,
                             struct str data)
{
    struct late *late = ARENA_NEW(scene->arena, struct late);
    for (size_t i = 0; i < OF_ONE; i++)
        late->pushers[i] = new_pusher(scene, caller, data);
    set_late(scene, late);
    return late;
}

static void catch_up(const struct scene *scene)
{
    scene->pushing->due_ms = 0;
    behind_catch_up(scene->pushing);
}

static int64_t jobs(const struct scene *scene)
{
    struct store_counts counts;
    store_count(scene->unit->server->store, &counts);
    return counts.jobs;
}

/* ---- those that are behind ---- */

static void those_that_catch_up_keep_no_other_from_it(void **state)
{
    static const char *const names[] = {"@a:x", "@b:x", "@c:x"};
    struct scene scene;
    begin(&scene, *state, INT32_MAX);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct caller caller = unit_account(scene.unit, names[i]);
        (void)new_late(&scene, &caller, UP);
    }
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 50);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 100);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 3 * OF_ONE);
    /* The walk begins anew, for those that come due. */
    struct caller late = unit_account(scene.unit, "@d:x");
    leave_behind(&scene, set_pusher(&scene, &late, UP), 0, LONG_AGO);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 3 * OF_ONE + 1);
    end(&scene);
}

static void a_host_that_is_away_costs_one_job_for_all(void **state)
{
    struct scene scene;
    int64_t now = clock_wall_ms();
    begin(&scene, *state, INT32_MAX);
    struct caller caller = unit_account(scene.unit, "@a:x");
    struct caller other = unit_account(scene.unit, "@b:x");
    struct late *late = new_late(&scene, &caller, DOWN);
    int64_t up = set_pusher(&scene, &other, UP);
    leave_behind(&scene, up, 0, LONG_AGO + 1);
    struct push_host *host = push_hosts_get(&scene.pushing->hosts, STR("https://down.example/"));
    for (int i = 0; i < 3; i++) {
        host->under_way++;
        push_host_end(host, false, now);
    }
    /* One job is the other's, whose host is there. */
    int64_t before = jobs(&scene);
    catch_up(&scene);
    assert_int_equal(jobs(&scene), before + 2);
    assert_int_equal(scene.pushing->lanes.n, 1);
    assert_non_null(lane_find(scene.pushing, up));
    for (size_t i = 0; i < OF_ONE; i++) {
        struct pusher pusher = load(&scene, late->pushers[i].id);
        assert_int_equal(pusher.due_ms, host->until_ms);
        assert_int_equal(pusher.begun, 0);
        assert_true(pusher.behind);
    }
    /* When the time has come one asks for all of them. */
    host->until_ms = now;
    set_late(&scene, late);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 2);
    host->under_way = 1;
    before = jobs(&scene);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 2);
    assert_int_equal(jobs(&scene), before);
    /* It answers: the others follow. */
    push_host_end(host, true, now);
    catch_up(&scene);
    assert_int_equal(scene.pushing->lanes.n, 1 + OF_ONE);
    end(&scene);
}

/* Set again, to another place perhaps, it is not held to what its host did. */
static void one_that_is_set_again_is_not_put_off(void **state)
{
    struct scene scene;
    begin(&scene, *state, INT32_MAX);
    struct caller caller = unit_account(scene.unit, "@a:x");
    int64_t id = set_pusher(&scene, &caller, DOWN);
    leave_behind(&scene, id, 0, LONG_AGO);
    struct pusher again = load(&scene, id);
    run(&scene, write_put, &again);
    struct push_host *host = push_hosts_get(&scene.pushing->hosts, STR("https://down.example/"));
    for (int i = 0; i < 3; i++) {
        host->under_way++;
        push_host_end(host, false, clock_wall_ms());
    }
    catch_up(&scene);
    assert_int_equal(load(&scene, id).due_ms, 0);
    end(&scene);
}

/* ---- an event that many are to be told of ---- */

#define READERS 5

static void check(const struct use *use, int status)
{
    if (status != 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

static void join(const struct scene *scene, const struct caller *caller, struct str room_id)
{
    int64_t room;
    struct use use;
    unit_use_begin(scene->unit, caller, &use);
    assert_int_equal(store_find_name(scene->unit->server->store, room_id, &room, &use.err), 1);
    check(&use, rooms_join(&use, room, STR_NONE));
    unit_use_end(&use);
}

static void send_message(const struct scene *scene, const struct caller *caller, struct str room_id)
{
    struct sending sending = {.room_id = room_id, .type = STR("m.room.message"), .txn = STR("1")};
    struct str id;
    struct use use;
    unit_use_begin(scene->unit, caller, &use);
    check(&use, json_parse(use.arena, STR("{\"body\":\"b\",\"msgtype\":\"m.text\"}"),
                           &sending.content, &use.err));
    check(&use, rooms_send(&use, &sending, &id));
    unit_use_end(&use);
}

/* A room of readers with a pusher each, in the order of their ids, and one message. */
static void tell_readers(const struct scene *scene, int64_t pushers[READERS])
{
    static const char *const names[READERS] = {"@b:x", "@c:x", "@d:x", "@e:x", "@f:x"};
    const struct new_room public = {.preset = STR("public_chat")};
    struct caller writer = unit_account(scene->unit, "@a:x"), readers[READERS];
    struct str room_id;
    struct use use;
    unit_use_begin(scene->unit, &writer, &use);
    check(&use, rooms_create(&use, &public, &room_id));
    room_id = arena_str(scene->arena, room_id);
    unit_use_end(&use);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = unit_account(scene->unit, names[i]);
        join(scene, &readers[i], room_id);
    }
    for (size_t i = 0; i < READERS; i++)
        pushers[i] = set_pusher(scene, &readers[i], UP);
    send_message(scene, &writer, room_id);
}

static void expect_items(const struct scene *scene, int64_t pusher, size_t n)
{
    const struct lane *lane = lane_find(scene->pushing, pusher);
    assert_int_equal(lane ? lane->items.n : 0, n);
    if (lane)
        assert_true(lane->items.p[0].event > 0);
}

/* However short its turns are, and each reader is told once. */
static void an_event_is_taken_in_over_many_turns(void **state)
{
    struct scene scene;
    int64_t pushers[READERS];
    begin(&scene, *state, 0);
    tell_readers(&scene, pushers);
    int64_t head = store_head(scene.unit->server->store).pos;
    for (size_t turn = 1; turn <= READERS; turn++) {
        assert_true(intake_some(scene.pushing));
        for (size_t i = 0; i < READERS; i++)
            expect_items(&scene, pushers[i], i < turn);
        /* What is stored stays before it until all have been looked at. */
        assert_int_equal(scene.pushing->seen >= head, turn == READERS);
        assert_true(lanes_position(scene.pushing) < head);
    }
    assert_false(intake_some(scene.pushing));
    end(&scene);
}

/* A push that has failed meanwhile: what comes after its position is found again, the event that is
 * not wholly taken in too. */
static void one_that_fails_in_the_middle_is_told_all_the_same(void **state)
{
    struct scene scene;
    int64_t pushers[READERS];
    begin(&scene, *state, 0);
    tell_readers(&scene, pushers);
    assert_true(intake_some(scene.pushing));
    assert_true(intake_some(scene.pushing));
    int64_t pos = lane_find(scene.pushing, pushers[0])->items.p[0].pos;
    lanes_drop_all(scene.pushing);
    leave_behind(&scene, pushers[0], pos - 1, LONG_AGO);
    leave_behind(&scene, pushers[READERS - 1], pos - 1, LONG_AGO);
    catch_up(&scene);
    catch_up(&scene);
    expect_items(&scene, pushers[0], 1);
    while (intake_some(scene.pushing))
        ;
    expect_items(&scene, pushers[0], 1);
    expect_items(&scene, pushers[1], 0); /* it was dropped by this test */
    expect_items(&scene, pushers[2], 1);
    /* It had begun to catch up with nothing before its turn came. */
    const struct lane *last = lane_find(scene.pushing, pushers[READERS - 1]);
    assert_int_equal(last->items.n, 2);
    assert_int_equal(last->items.p[0].event, 0);
    assert_int_equal(last->items.p[1].pos, pos);
    end(&scene);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(those_that_catch_up_keep_no_other_from_it),
    service_unit_test(a_host_that_is_away_costs_one_job_for_all),
    service_unit_test(one_that_is_set_again_is_not_put_off),
    service_unit_test(an_event_is_taken_in_over_many_turns),
    service_unit_test(one_that_fails_in_the_middle_is_told_all_the_same),
};
SERVICE_UNIT_MAIN(tests)
