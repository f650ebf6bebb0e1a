/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth.h"

#include "base/limits.h"
#include "base/unit.h"
#include "matrix/test_room.h"

static int setup(void **state)
{
    *state = arena_new(MIB(1));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* "type/state key", one after the other, as auth_select names them. */
static struct str selected(struct arena *arena, const char *version, const char *type,
                           const char *state_key, const char *content)
{
    struct auth_key keys[AUTH_SELECT_MAX];
    const struct json *doc;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, test_room_json(arena, content), &doc, &err), 0);
    struct auth_subject subject = {str_from(type), STR("@s:a"), str_from(state_key), doc};
    size_t n = auth_select(room_version_find(str_from(version)), &subject, keys);
    struct str ret = STR("");
    for (size_t i = 0; i < n; i++)
        ret = arena_printf(arena, "%.*s%s%.*s/%.*s", STR_ARG(ret), i ? " " : "",
                           STR_ARG(str_skip(keys[i].type, 7)), STR_ARG(keys[i].state_key));
    return ret;
}

/* Server-server API, "Auth events selection". */
static void selects(void **state)
{
    static const struct {
        const char *version, *type, *state_key, *content, *keys;
    } cases[] = {
        {"11", "m.room.create", "", "{}", ""},
        {"12", "m.room.create", "", "{}", ""},
        {"11", "m.room.message", NULL, "{}", "create/ power_levels/ member/@s:a"},
        {"12", "m.room.message", NULL, "{}", "power_levels/ member/@s:a"},
        {"12", "m.room.message", NULL, "{'membership':'join'}", "power_levels/ member/@s:a"},
        {"12", "m.room.member", "@s:a", "{'membership':'leave'}", "power_levels/ member/@s:a"},
        {"12", "m.room.member", "@t:a", "{'membership':'ban'}",
         "power_levels/ member/@s:a member/@t:a"},
        {"12", "m.room.member", "@s:a", "{'membership':'join'}",
         "power_levels/ member/@s:a join_rules/"},
        {"12", "m.room.member", "@s:a", "{'membership':'knock'}",
         "power_levels/ member/@s:a join_rules/"},
        {"12", "m.room.member", "@t:a", "{'membership':'invite'}",
         "power_levels/ member/@s:a member/@t:a join_rules/"},
        {"12", "m.room.member", "@t:a",
         "{'membership':'invite','third_party_invite':{'signed':{'token':'k'}}}",
         "power_levels/ member/@s:a member/@t:a join_rules/ third_party_invite/k"},
        {"12", "m.room.member", "@s:a",
         "{'membership':'join','third_party_invite':{'signed':{'token':'k'}}}",
         "power_levels/ member/@s:a join_rules/"},
        {"12", "m.room.member", "@t:a",
         "{'membership':'invite','third_party_invite':{'signed':{'token':1}}}",
         "power_levels/ member/@s:a member/@t:a join_rules/"},
        {"12", "m.room.member", "@s:a",
         "{'membership':'join','join_authorised_via_users_server':'@m:b'}",
         "power_levels/ member/@s:a join_rules/ member/@m:b"},
        {"8", "m.room.member", "@s:a",
         "{'membership':'join','join_authorised_via_users_server':'@s:a'}",
         "create/ power_levels/ member/@s:a join_rules/"},
        {"7", "m.room.member", "@s:a",
         "{'membership':'join','join_authorised_via_users_server':'@m:b'}",
         "create/ power_levels/ member/@s:a join_rules/"},
        {"11", "m.room.member", "@t:a",
         "{'membership':'invite','third_party_invite':{'signed':{'token':'k'}},"
         "'join_authorised_via_users_server':'@m:b'}",
         "create/ power_levels/ member/@s:a member/@t:a join_rules/ third_party_invite/k "
         "member/@m:b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(
            selected(*state, cases[i].version, cases[i].type, cases[i].state_key, cases[i].content),
            str_from(cases[i].keys));
}

/* A state that answers what auth_needs names, and fails the test on anything else. */
struct strict {
    struct test_room *room;
    struct auth_key keys[AUTH_SELECT_MAX];
    size_t n;
};

static int find_strictly(void *context, struct str type, struct str state_key,
                         const struct pdu **ret_event, struct err *err)
{
    struct strict *strict = context;
    const struct auth_list list = {strict->room->state, strict->room->n};
    struct auth_state state = auth_state_of_list(&list);
    for (size_t i = 0; i < strict->n; i++)
        if (str_eq(strict->keys[i].type, type) && str_eq(strict->keys[i].state_key, state_key))
            return state.find(state.context, type, state_key, ret_event, err);
    fail_msg("asked for %.*s %.*s", STR_ARG(type), STR_ARG(state_key));
    return -1;
}

static void the_rules_ask_for_nothing_else(void **state)
{
    static const char *const lines[] = {
        "@user:a|m.room.message|-|{}",
        "@admin:a|m.room.power_levels||~kick=1",
        "@mod:a|m.room.member|@user:a|{'membership':'leave'}",
        "@mod:a|m.room.member|@user:a|{'membership':'ban'}",
        "@stranger:a|m.room.member|@stranger:a|{'membership':'join',"
        "'join_authorised_via_users_server':'@mod:a'}",
        "@mod:a|m.room.member|@stranger:a|{'membership':'invite'}",
        "@mod:a|m.room.member|@stranger:a|{'membership':'invite','third_party_invite':{'signed':"
        "{'mxid':'@stranger:a','token':'k'}}}",
    };
    static const char *const versions[] = {"6", "8", "12"};
    (void)state;
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        struct test_room room;
        test_room_init(&room, versions[v], "");
        test_room_add(&room, "@creator:a|m.room.join_rules||{'join_rule':'restricted'}");
        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
            const struct pdu *event = test_room_event(&room, lines[i], 0);
            struct strict strict = {.room = &room};
            struct auth_subject subject = {event->type, event->sender, event->state_key,
                                           event->content};
            strict.n = auth_needs(room.version, &subject, strict.keys);
            struct auth_input input = {
                .version = room.version, .event = event, .state = {find_strictly, &strict}};
            int strictly = auth_check(&input, &room.err);
            assert_int_equal(strictly, test_room_check(&room, event));
        }
        test_room_done(&room);
    }
}

static int find_fails(void *context, struct str type, struct str state_key,
                      const struct pdu **ret_event, struct err *err)
{
    const struct strict *strict = context;
    const struct auth_list list = {strict->room->state, strict->room->n};
    struct auth_state state = auth_state_of_list(&list);
    if (str_eq(type, strict->keys[0].type))
        return err_internal(err, "the disk is on fire");
    return state.find(state.context, type, state_key, ret_event, err);
}

static void a_failing_lookup_is_no_verdict(void **state)
{
    static const char *const types[] = {"m.room.create", "m.room.member", "m.room.power_levels",
                                        "m.room.join_rules"};
    struct test_room room;
    (void)state;
    test_room_init(&room, "12", "");
    const struct pdu *event =
        test_room_event(&room, "@stranger:a|m.room.member|@stranger:a|{'membership':'join'}", 0);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct strict strict = {.room = &room, .keys = {{str_from(types[i]), STR("")}}};
        struct auth_input input = {
            .version = room.version, .event = event, .state = {find_fails, &strict}};
        assert_int_equal(auth_check(&input, &room.err), -1);
        assert_int_equal(room.err.kind, ERR_KIND_INTERNAL);
    }
    test_room_done(&room);
}

/* Rooms v3, "Handling redactions". */
static void who_may_redact(void **state)
{
    static const struct {
        const char *redaction, *target;
        int may;
    } cases[] = {
        {"@user:a|m.room.redaction|-|{}", "@peer:a|m.room.message|-|{}", 1}, /* same server */
        {"@user:a|m.room.redaction|-|{}", "@user2:b|m.room.message|-|{}", 0},
        {"@user2:b|m.room.redaction|-|{}", "@user:a|m.room.message|-|{}", 0},
        {"@mod:a|m.room.redaction|-|{}", "@user2:b|m.room.message|-|{}", 0},
        {"@admin:a|m.room.redaction|-|{}", "@user2:b|m.room.message|-|{}", 1},
        {"@creator:a|m.room.redaction|-|{}", "@user2:b|m.room.message|-|{}", 1},
    };
    static const char *const versions[] = {"6", "12"};
    (void)state;
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        struct test_room room;
        test_room_init(&room, versions[v], "");
        const struct auth_list list = {room.state, room.n};
        const struct auth_state lookup = auth_state_of_list(&list);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            const struct pdu *redaction = test_room_event(&room, cases[i].redaction, 0);
            const struct pdu *target = test_room_event(&room, cases[i].target, 0);
            assert_int_equal(auth_may_redact(&lookup, redaction, target, &room.err), cases[i].may);
        }
        const struct pdu *redaction = test_room_event(&room, "@admin:a|m.room.redaction|-|{}", 0);
        const struct pdu *elsewhere = test_room_event(&room, "@user:a|m.room.message|-|{}", 0);
        elsewhere =
            test_room_alter(&room, elsewhere, "room_id",
                            v ? "'!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'" : "'!x:a'");
        assert_int_equal(auth_may_redact(&lookup, redaction, elsewhere, &room.err), 0);
        test_room_done(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(selects, setup, teardown),
        cmocka_unit_test(the_rules_ask_for_nothing_else),
        cmocka_unit_test(a_failing_lookup_is_no_verdict),
        cmocka_unit_test(who_may_redact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
