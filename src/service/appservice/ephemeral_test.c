/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/ephemeral.h"

#include <stdio.h>

#include "base/limits.h"
#include "service/appservice/transaction.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/service_unit.h"
#include "service/sync/notifier.h"
#include "service/sync/presence.h"
#include "store/receipt.h"

/* A service that has people named _… for its own. */
struct scene {
    struct service_unit *unit;
    struct arena *arena;
    struct appservice_namespace users;
    struct appservice as;
    struct interest interest;
    struct told told;
    int64_t from;
    struct caller sender;
};

static void check(const struct use *use, int status)
{
    if (status < 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

static void begin(struct scene *scene, struct service_unit *unit)
{
    struct err err = ERR_INIT;
    *scene = (struct scene){.unit = unit, .arena = arena_new(MIB(16))};
    unit->config.presence = true;
    service_unit_reopen(unit);
    assert_int_equal(pattern_parse(scene->arena, STR("@_.*"), &scene->users.pattern, &err), 0);
    scene->as = (struct appservice){.id = STR("a"),
                                    .sender = STR("@_:x"),
                                    .users = {&scene->users, 1},
                                    .receive_ephemeral = true};
    interest_init(&scene->interest, &scene->as);
    scene->sender = unit_account(unit, "@_:x");
}

static void end(struct scene *scene)
{
    interest_done(&scene->interest);
    unit_check_store(scene->unit);
    arena_free(scene->arena);
}

/* The next transaction, as if it were acknowledged: what is ephemeral in it, NULL when it is none;
 * whether there is more. */
static bool compose(struct scene *scene, const struct json **ret_ephemeral)
{
    const struct json *doc;
    struct composed composed;
    struct use use;
    scene->told.looked_ms = 0; /* not too early for it */
    told_look(&scene->told, scene->unit->server);
    unit_use_begin(scene->unit, &scene->sender, &use);
    int more = appservice_compose(&use, &scene->interest, &scene->told, scene->from, &composed);
    check(&use, more);
    scene->from = composed.upto;
    *ret_ephemeral = NULL;
    if (composed.body.p) {
        struct str body = arena_str(scene->arena, composed.body);
        check(&use, json_parse(scene->arena, body, &doc, &use.err));
        *ret_ephemeral = json_find(doc, STR("ephemeral"));
    }
    unit_use_end(&use);
    return more == 1;
}

static int64_t person(struct scene *scene, const char *prefix, int number)
{
    struct err err = ERR_INIT;
    struct str user_id = arena_printf(scene->arena, "@%s%d:x", prefix, number);
    int64_t user;
    assert_int_equal(store_intern(scene->unit->server->store, user_id, &user, &err), 0);
    return user;
}

static size_t length(const struct json *list)
{
    return list ? list->array.n : 0;
}

static struct str member(const struct json *list, size_t at, struct str name)
{
    assert_true(at < length(list));
    return json_find_str(&list->array.items[at], name);
}

static void test_presence_is_told_of_its_own_and_of_no_stranger(void **state)
{
    struct scene scene;
    const struct json *list;
    begin(&scene, *state);
    struct presence *presence = scene.unit->server->presence;
    presence_set(presence, person(&scene, "_ghost", 1), PRESENCE_ONLINE, STR("là"));
    presence_set(presence, person(&scene, "anna", 1), PRESENCE_ONLINE, STR("secret"));
    while (compose(&scene, &list))
        assert_int_equal(length(list), 0);
    assert_int_equal(length(list), 1);
    assert_str(member(list, 0, STR("type")), STR("m.presence"));
    assert_str(member(list, 0, STR("sender")), STR("@_ghost1:x"));
    const struct json *content = json_find(&list->array.items[0], STR("content"));
    assert_str(json_find_str(content, STR("presence")), STR("online"));
    assert_str(json_find_str(content, STR("status_msg")), STR("là"));
    /* Once. */
    assert_false(compose(&scene, &list));
    assert_int_equal(length(list), 0);
    end(&scene);
}

/* More than one look and one transaction hold: everybody once, in their last state. */
static void test_presence_of_many_comes_in_several(void **state)
{
    enum { MANY = 1200 };
    struct scene scene;
    const struct json *list;
    char long_text[LIMIT_PRESENCE_STATUS + 1];
    size_t told = 0, transactions = 0;
    bool more = true;
    begin(&scene, *state);
    struct presence *presence = scene.unit->server->presence;
    snprintf(long_text, sizeof long_text, "%0*d", LIMIT_PRESENCE_STATUS, 0);
    for (int i = 0; i < MANY; i++) {
        presence_set(presence, person(&scene, "_ghost", i), PRESENCE_ONLINE, STR("avant"));
        presence_set(presence, person(&scene, "_ghost", i), PRESENCE_ONLINE, str_from(long_text));
    }
    for (; more; told += length(list)) {
        more = compose(&scene, &list);
        transactions += list != NULL;
        for (size_t i = 0; i < length(list); i++)
            assert_int_equal(
                json_find_str(json_find(&list->array.items[i], STR("content")), STR("status_msg"))
                    .n,
                LIMIT_PRESENCE_STATUS);
    }
    assert_int_equal(told, MANY);
    assert_true(transactions > 1);
    end(&scene);
}

/* ---- rooms ---- */

static int64_t new_room(struct scene *scene, const struct caller *caller)
{
    const struct new_room public = {.preset = STR("public_chat")};
    struct use use;
    struct str room_id;
    int64_t room;
    unit_use_begin(scene->unit, caller, &use);
    check(&use, rooms_create(&use, &public, &room_id));
    assert_int_equal(store_find_name(scene->unit->server->store, room_id, &room, &use.err), 1);
    unit_use_end(&use);
    return room;
}

static void move(struct scene *scene, const struct caller *caller, int64_t room,
                 int (*act)(struct use *use, int64_t room, struct str reason))
{
    struct use use;
    unit_use_begin(scene->unit, caller, &use);
    check(&use, act(&use, room, STR_NONE));
    unit_use_end(&use);
}

/* What a person says of himself is told, and nothing else; or nothing is. */
static void check_told(struct scene *scene, const struct caller *caller, const char *words,
                       bool told)
{
    const struct json *list;
    while (compose(scene, &list))
        assert_int_equal(length(list), 0);
    presence_set(scene->unit->server->presence, caller->user, PRESENCE_ONLINE, str_from(words));
    assert_false(compose(scene, &list));
    assert_int_equal(length(list), told);
    if (told)
        assert_str(
            json_find_str(json_find(&list->array.items[0], STR("content")), STR("status_msg")),
            str_from(words));
}

static void test_presence_of_who_is_in_its_rooms(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    struct caller anna = unit_account(scene.unit, "@anna:x");
    struct caller ghost = unit_account(scene.unit, "@_ghost:x");
    int64_t room = new_room(&scene, &anna);
    check_told(&scene, &anna, "seule", false);
    move(&scene, &ghost, room, rooms_join);
    check_told(&scene, &anna, "avec lui", true);
    check_told(&scene, &anna, "encore", true);
    move(&scene, &ghost, room, rooms_leave);
    check_told(&scene, &anna, "seule à nouveau", false);
    move(&scene, &ghost, room, rooms_join);
    check_told(&scene, &anna, "de retour", true);
    move(&scene, &anna, room, rooms_leave);
    check_told(&scene, &anna, "partie", false);
    end(&scene);
}

/* ---- receipts ---- */

#define RECEIPTS 1500

struct marking {
    int64_t room, user, event;
};

static int write_receipts(struct write *w, void *arg, struct err *err)
{
    const struct marking *marking = arg;
    char thread[64];
    for (int i = 0; i < RECEIPTS; i++) {
        snprintf(thread, sizeof thread, "$%044d", i);
        struct receipt receipt = {.room = marking->room,
                                  .user = marking->user,
                                  .type = RECEIPT_READ,
                                  .thread = str_from(thread),
                                  .event = marking->event,
                                  .place = 1,
                                  .ts = 1};
        if (receipt_advance(w, &receipt, err) < 0)
            return -1;
    }
    return 0;
}

static void mark_threads(struct scene *scene, const struct caller *caller, int64_t room)
{
    struct marking marking = {.room = room, .user = caller->user};
    struct err err = ERR_INIT;
    struct use use;
    int64_t *events;
    size_t n;
    unit_use_begin(scene->unit, caller, &use);
    check(&use,
          event_list_room(&use.read, room, 0, EVENT_FORWARD, 1, use.arena, &events, &n, &use.err));
    assert_int_equal(n, 1);
    marking.event = events[0];
    unit_use_end(&use);
    assert_int_equal(store_run(scene->unit->server->store, write_receipts, &marking, &err), 0);
}

/* More than one transaction holds: none is lost. */
static void test_many_receipts_come_in_several(void **state)
{
    struct scene scene;
    const struct json *list;
    size_t receipts = 0;
    bool more = true;
    begin(&scene, *state);
    struct caller anna = unit_account(scene.unit, "@anna:x");
    struct caller ghost = unit_account(scene.unit, "@_ghost:x");
    int64_t rooms[2];
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        rooms[i] = new_room(&scene, &anna);
        move(&scene, &ghost, rooms[i], rooms_join);
        while (compose(&scene, &list))
            continue;
    }
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++)
        mark_threads(&scene, &anna, rooms[i]);
    while (more) {
        more = compose(&scene, &list);
        for (size_t i = 0; i < length(list); i++)
            receipts += str_eq(member(list, i, STR("type")), STR("m.receipt"));
    }
    assert_int_equal(receipts, ARRAY_LEN(rooms) * RECEIPTS);
    end(&scene);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_presence_is_told_of_its_own_and_of_no_stranger),
    service_unit_test(test_presence_of_many_comes_in_several),
    service_unit_test(test_presence_of_who_is_in_its_rooms),
    service_unit_test(test_many_receipts_come_in_several),
};

SERVICE_UNIT_MAIN(tests)
