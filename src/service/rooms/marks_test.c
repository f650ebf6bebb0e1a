/* SPDX-License-Identifier: EUPL-1.2 */

/* Receipts, the fully-read marker and forgetting, each decided in its job: a request that looked
 * before another one was committed does not undo it. */

#include "base/limits.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/receipts.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "store/account_data.h"
#include "store/membership.h"

struct scene {
    struct service_unit *unit;
    struct arena *arena;
    struct caller caller;
    int64_t room;
    struct str room_id, first, second; /* two messages */
};

static void check(const struct use *use, int status)
{
    if (status != 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

static struct str send(struct scene *scene, const char *txn)
{
    struct sending sending = {
        .room_id = scene->room_id, .type = STR("m.room.message"), .txn = str_from(txn)};
    struct str id;
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    check(&use, json_parse(use.arena, STR("{\"body\":\"b\"}"), &sending.content, &use.err));
    check(&use, rooms_send(&use, &sending, &id));
    id = arena_str(scene->arena, id);
    unit_use_end(&use);
    return id;
}

static void begin(struct scene *scene, struct service_unit *unit)
{
    const struct new_room public = {.preset = STR("public_chat")};
    struct use use;
    struct str id;
    *scene = (struct scene){.unit = unit, .arena = arena_new(MIB(1))};
    scene->caller = unit_account(unit, "@a:x");
    unit_use_begin(unit, &scene->caller, &use);
    check(&use, rooms_create(&use, &public, &id));
    scene->room_id = arena_str(scene->arena, id);
    if (store_find_name(unit->server->store, id, &scene->room, &use.err) != 1)
        fail_msg("the room has no name");
    unit_use_end(&use);
    scene->first = send(scene, "1");
    scene->second = send(scene, "2");
}

static void end(struct scene *scene)
{
    unit_check_store(scene->unit);
    arena_free(scene->arena);
}

/* ---- receipts ---- */

static int mark(struct use *use, const struct scene *scene, struct str event, bool fully)
{
    const struct mark wanted = {.room_id = scene->room_id,
                                .read = event,
                                .read_private = event,
                                .fully_read = fully ? event : STR_NONE};
    return receipts_mark(use, &wanted);
}

static void mark_now(const struct scene *scene, struct str event, bool fully)
{
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    check(&use, mark(&use, scene, event, fully));
    unit_use_end(&use);
}

/* Both receipts and the marker, when there is one, stand at the second message. */
static void check_marks(const struct scene *scene, bool fully)
{
    struct receipt *rows;
    struct str content;
    size_t n;
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    assert_int_equal(receipt_list_own(&use.read, scene->room, scene->caller.user, use.arena, &rows,
                                      &n, &use.err),
                     0);
    assert_int_equal(n, 2);
    struct event *second;
    assert_int_equal(event_load(&use.read, rows[0].event, &second, &use.err), 1);
    assert_int_equal(rows[0].event, rows[1].event);
    assert_int_equal(second->place, rows[0].place);
    int64_t *later;
    assert_int_equal(event_list_room(&use.read, scene->room, second->place, EVENT_FORWARD, 1,
                                     use.arena, &later, &n, &use.err),
                     0);
    assert_int_equal(n, 0); /* nothing comes after the second */
    event_unref(second);
    int found = account_data_load(&use.read, scene->caller.user, scene->room, STR("m.fully_read"),
                                  use.arena, &content, &use.err);
    assert_int_equal(found, fully);
    if (fully)
        assert_str(content, content_of_one(&use, STR("event_id"), scene->second));
    unit_use_end(&use);
}

static void test_a_late_receipt_does_not_go_back(void **state)
{
    struct scene scene;
    struct use late;
    begin(&scene, *state);
    unit_use_begin(scene.unit, &scene.caller, &late);
    unit_use_look(&late);
    mark_now(&scene, scene.second, false);
    check(&late, mark(&late, &scene, scene.first, false));
    unit_use_end(&late);
    check_marks(&scene, false);
    end(&scene);
}

static void test_a_late_marker_is_decided_again(void **state)
{
    struct scene scene;
    struct use late;
    begin(&scene, *state);
    unit_use_begin(scene.unit, &scene.caller, &late);
    unit_use_look(&late);
    mark_now(&scene, scene.second, true);
    assert_int_equal(mark(&late, &scene, scene.first, true), -1);
    assert_int_equal(late.err.kind, ERR_KIND_MOVED); /* a request is run again */
    unit_use_end(&late);
    check_marks(&scene, true);
    mark_now(&scene, scene.first, true);
    check_marks(&scene, true);
    end(&scene);
}

/* ---- forgetting ---- */

static void leave(const struct scene *scene)
{
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    check(&use, rooms_leave(&use, scene->room, STR_NONE));
    unit_use_end(&use);
}

static void join(const struct scene *scene, const struct caller *caller)
{
    struct use use;
    unit_use_begin(scene->unit, caller, &use);
    check(&use, rooms_join(&use, scene->room, STR_NONE));
    unit_use_end(&use);
}

static int64_t flags(const struct scene *scene)
{
    struct membership_row row;
    struct use use;
    unit_use_begin(scene->unit, &scene->caller, &use);
    assert_int_equal(membership_load(&use.read, scene->caller.user, scene->room, &row, &use.err),
                     1);
    unit_use_end(&use);
    return row.flags;
}

static void test_who_came_back_does_not_forget(void **state)
{
    struct scene scene;
    struct use late, again;
    begin(&scene, *state);
    struct caller other = unit_account(scene.unit, "@b:x");
    join(&scene, &other); /* or nobody could let the first one in again */
    leave(&scene);
    unit_use_begin(scene.unit, &scene.caller, &late);
    unit_use_look(&late);
    join(&scene, &scene.caller);
    assert_int_equal(rooms_forget(&late, scene.room), -1);
    assert_int_equal(late.err.kind, ERR_KIND_MOVED);
    unit_use_end(&late);
    assert_int_equal(flags(&scene) & MEMBERSHIP_FORGOTTEN, 0);
    unit_use_begin(scene.unit, &scene.caller, &again);
    assert_int_equal(rooms_forget(&again, scene.room), -1);
    assert_int_equal(again.err.status, 400);
    unit_use_end(&again);
    end(&scene);
}

static void test_who_has_left_forgets(void **state)
{
    struct scene scene;
    struct use use;
    begin(&scene, *state);
    leave(&scene);
    int64_t before = flags(&scene);
    unit_use_begin(scene.unit, &scene.caller, &use);
    check(&use, rooms_forget(&use, scene.room));
    unit_use_end(&use);
    assert_int_equal(flags(&scene), before | MEMBERSHIP_FORGOTTEN);
    end(&scene);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_a_late_receipt_does_not_go_back),
    service_unit_test(test_a_late_marker_is_decided_again),
    service_unit_test(test_who_came_back_does_not_forget),
    service_unit_test(test_who_has_left_forgets),
};

SERVICE_UNIT_MAIN(tests)
