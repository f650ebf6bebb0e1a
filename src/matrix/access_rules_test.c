/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/access_rules.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"
#include "matrix/member.h"
#include "matrix/test_room.h"

/* Users of server "b" are externals. A room has its create event and what a case adds. */

#define RULES(content) "@creator:a|im.vector.room.access_rules||{" content "}\n"
#define RESTRICTED     RULES("'rule':'restricted','visibility':'private'")
#define OPEN           RULES("'rule':'unrestricted','visibility':'private'")
#define DIRECT         RULES("'rule':'direct','visibility':'private'")
#define FORUM          RULES("'rule':'restricted','visibility':'public'")
#define SPACE_FORUM                                                                                \
    RULES("'org.chappe.space_forum':true,'rule':'restricted','visibility':'private'")
#define CLEAR                                                                                      \
    RULES("'force_unencrypted_at_creation':true,'rule':'restricted','visibility':'private'")
#define MEMBER(user, membership) user "|m.room.member|" user "|{'membership':'" membership "'}\n"
#define INVITE(who, whom)        who "|m.room.member|" whom "|{'membership':'invite'}"
#define OFFER(token)             "@creator:a|m.room.third_party_invite|" token "|{'display_name':'x'}\n"
#define HISTORY(value)           "@creator:a|m.room.history_visibility||{'history_visibility':'" value "'}\n"
#define JOIN_RULE(value)         "@creator:a|m.room.join_rules||{'join_rule':'" value "'}\n"
#define MEGOLM                   "@creator:a|m.room.encryption||{'algorithm':'m.megolm.v1.aes-sha2'}\n"
#define LEVELS(content)          "@creator:a|m.room.power_levels||{" content "}\n"

struct world {
    struct test_room room;
    const char *failing; /* the lookup that fails: "find", "external", "people"; NULL: none */
    int asked, fail_at;  /* which call of is_external or find fails */
};

static int refuse_lookup(struct err *err)
{
    return err_internal(err, "the lookup failed");
}

static bool fails(struct world *world, const char *what)
{
    return world->failing && strcmp(world->failing, what) == 0 && world->asked++ == world->fail_at;
}

static int find(void *context, struct str type, struct str state_key, const struct pdu **ret_event,
                struct err *err)
{
    struct world *world = context;
    if (fails(world, "find"))
        return refuse_lookup(err);
    for (size_t i = 0; i < world->room.n; i++) {
        if (!pdu_is_state(world->room.state[i], type, state_key))
            continue;
        *ret_event = world->room.state[i];
        return 1;
    }
    return 0;
}

static int is_external(void *context, struct str user_id, struct err *err)
{
    struct world *world = context;
    if (fails(world, "external"))
        return refuse_lookup(err);
    return str_ends(user_id, STR(":b"));
}

static int people(void *context, struct str except, struct access_people *ret_people,
                  struct err *err)
{
    struct world *world = context;
    if (fails(world, "people"))
        return refuse_lookup(err);
    *ret_people = (struct access_people){0};
    for (size_t i = 0; i < world->room.n; i++) {
        const struct pdu *event = world->room.state[i];
        if (str_eq(event->type, STR("m.room.member")))
            ret_people->others += !str_eq(event->state_key, except);
        if (str_eq(event->type, STR("m.room.third_party_invite")) && event->content->object.n)
            ret_people->offer = event->state_key;
    }
    return 0;
}

static void world_init(struct world *world, const char *version, const char *setup)
{
    *world = (struct world){0};
    test_room_init(&world->room, version, "");
    world->room.n = 1; /* the create event */
    test_room_add(&world->room, MEMBER("@creator:a", "join"));
    test_room_add(&world->room, setup);
}

static int check(struct world *world, const char *line, enum access_address address)
{
    struct access_input input = {
        .version = world->room.version,
        .event = test_room_event(&world->room, line, 0),
        .lookup = {find, is_external, people, world},
        .address = address,
    };
    world->room.err = ERR_INIT;
    return access_check(&input, &world->room.err);
}

struct example {
    const char *setup, *line;
    const char *reason; /* NULL: allowed */
    enum access_address address;
};

static void run_in(const char *version, const struct example *examples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct world world;
        world_init(&world, version, examples[i].setup);
        int status = check(&world, examples[i].line, examples[i].address);
        const char *got = status < 0 ? world.room.err.extra_text : "allowed";
        const char *wanted = examples[i].reason ? examples[i].reason : "allowed";
        if (strcmp(got, wanted) != 0)
            fail_msg("version %s, %s\n  after\n%s  is %s, not %s", version, examples[i].line,
                     examples[i].setup, got, wanted);
        if (status < 0) {
            assert_int_equal(world.room.err.status, 403);
            assert_string_equal(world.room.err.errcode, "M_FORBIDDEN");
            assert_string_equal(world.room.err.extra_key, "org.chappe.reason");
        }
        test_room_done(&world.room);
    }
}

#define RUN(examples)                                                                              \
    do {                                                                                           \
        run_in("12", examples, ARRAY_LEN(examples));                                               \
        run_in("10", examples, ARRAY_LEN(examples));                                               \
        run_in("6", examples, ARRAY_LEN(examples));                                                \
    } while (0)

static void kinds_are_read_from_the_state(void **state)
{
    (void)state;
    struct access_kind none = access_kind_of(NULL);
    assert_int_equal(none.rule, ACCESS_RESTRICTED);
    assert_false(access_is_forum(&none));
    assert_int_equal(access_rule_parse(STR("direct")), ACCESS_DIRECT);
    assert_int_equal(access_rule_parse(STR("DIRECT")), ACCESS_UNKNOWN);
    assert_int_equal(access_rule_parse(STR_NONE), ACCESS_UNKNOWN);
    assert_str(access_rule_text(ACCESS_UNRESTRICTED), STR("unrestricted"));
    assert_str(access_rule_text(ACCESS_UNKNOWN), STR("restricted"));
}

static void externals_make_no_rooms(void **state)
{
    const struct example examples[] = {
        {"", "@x:b|m.room.create||{'room_version':'x'}", "external_create_room", 0},
        {"", "@x:a|m.room.create||{'room_version':'x'}", NULL, 0},
    };
    const struct example creators[] = {
        {"", "@x:a|m.room.create||{'additional_creators':['@y:a','@x:b']}", "external_power", 0},
        {"", "@x:a|m.room.create||{'additional_creators':['@y:a']}", NULL, 0},
    };
    (void)state;
    RUN(examples);
    run_in("12", creators, ARRAY_LEN(creators));
    run_in("10", creators + 1, 1);
}

static void externals_hold_no_power(void **state)
{
    const struct example examples[] = {
        {OPEN, "@x:b|m.room.power_levels||{}", "external_power", 0},
        {OPEN, LEVELS("'users':{'@x:b':1}"), "external_power", 0},
        {DIRECT, LEVELS("'users':{'@x:b':100}"), "external_power", 0},
        {RESTRICTED, LEVELS("'users':{'@x:b':50}"), "external_power", 0},
        {"", LEVELS("'users':{'@x:b':50}"), "external_power", 0},
        {OPEN, LEVELS("'users':{'@x:b':0,'@y:a':100,'@z:b':-5}"), NULL, 0},
        {OPEN, LEVELS("'users_default':1"), "external_power", 0},
        {OPEN, LEVELS("'users_default':0"), NULL, 0},
        {RESTRICTED, LEVELS("'users_default':50"), NULL, 0},
        {OPEN, "@x:b|m.room.power_levels|other|{}", NULL, 0},
        {OPEN, "@x:b|m.room.member|@y:a|{'membership':'leave'}", "external_power", 0},
        {OPEN, "@x:b|m.room.member|@y:a|{'membership':'ban'}", "external_power", 0},
        {OPEN, "@x:b|im.vector.room.access_rules||{'rule':'unrestricted'}", "external_power", 0},
    };
    const struct example texts[] = {
        {OPEN, LEVELS("'users':{'@x:b':'50'}"), "external_power", 0},
        {OPEN, LEVELS("'users_default':'50'"), "external_power", 0},
    };
    /* No level: the authorisation rules refuse it. */
    const struct example malformed[] = {{OPEN, LEVELS("'users':{'@x:b':'50'}"), NULL, 0}};
    (void)state;
    RUN(examples);
    run_in("12", malformed, ARRAY_LEN(malformed));
    run_in("6", texts, ARRAY_LEN(texts)); /* levels as text, before version 10 */
}

static void the_rule_changes_once(void **state)
{
    const struct example examples[] = {
        {"", RESTRICTED, NULL, 0},
        {"", OPEN, NULL, 0},
        {"", FORUM, NULL, 0},
        {"", DIRECT, NULL, 0},
        {"", RULES("'rule':'open'"), "access_rule_unknown", 0},
        {"", RULES("'visibility':'private'"), "access_rule_unknown", 0},
        {"", RULES("'rule':'unrestricted','visibility':'public'"), "access_rule_forum", 0},
        {"", RULES("'rule':'direct','visibility':'public'"), "access_rule_forum", 0},
        {RESTRICTED, RESTRICTED, NULL, 0},
        {RESTRICTED HISTORY("invited"), OPEN, NULL, 0},
        {RESTRICTED HISTORY("joined"), OPEN, NULL, 0},
        {RESTRICTED HISTORY("shared"), OPEN, "access_rule_history", 0},
        {RESTRICTED, OPEN, "access_rule_history", 0},
        {HISTORY("shared"), OPEN, "access_rule_history", 0},
        {RESTRICTED HISTORY("invited") LEVELS("'users_default':1"), OPEN, "external_power", 0},
        {RESTRICTED HISTORY("invited") LEVELS("'users':{'@x:a':100}"), OPEN, NULL, 0},
        {RESTRICTED, DIRECT, "access_rule_fixed", 0},
        {OPEN, RESTRICTED, "access_rule_fixed", 0},
        {OPEN, DIRECT, "access_rule_fixed", 0},
        {DIRECT, OPEN, "access_rule_fixed", 0},
        {DIRECT, RESTRICTED, "access_rule_fixed", 0},
        {RESTRICTED, FORUM, "access_rule_fixed", 0},
        {FORUM, RESTRICTED, "access_rule_fixed", 0},
        {FORUM, RULES("'rule':'unrestricted','visibility':'public'"), "access_rule_forum", 0},
        {SPACE_FORUM,
         RULES("'org.chappe.space_forum':true,'rule':'unrestricted','visibility':'private'"),
         "access_rule_forum", 0},
        {SPACE_FORUM, RESTRICTED, "access_rule_fixed", 0},
        {RESTRICTED, CLEAR, "access_rule_fixed", 0},
        {CLEAR, RESTRICTED, "access_rule_fixed", 0},
        {MEMBER("@y:a", "join"), DIRECT, NULL, 0},
        {OFFER("t"), DIRECT, NULL, 0},
        {MEMBER("@y:a", "join") OFFER("t"), DIRECT, "direct_full", 0},
        {MEMBER("@y:a", "join") MEMBER("@z:a", "leave"), DIRECT, "direct_full", 0},
        {DIRECT, "@creator:a|im.vector.room.access_rules|other|{}", NULL, 0},
    };
    (void)state;
    RUN(examples);
}

static void externals_enter_open_rooms_when_invited(void **state)
{
    const struct example examples[] = {
        {"", MEMBER("@x:b", "join"), "external_restricted_room", 0},
        {RESTRICTED, MEMBER("@x:b", "join"), "external_restricted_room", 0},
        {RESTRICTED, INVITE("@creator:a", "@x:b"), "external_restricted_room", 0},
        {RULES("'rule':'?'"), INVITE("@creator:a", "@x:b"), "external_restricted_room", 0},
        {FORUM, MEMBER("@x:b", "join"), "external_forum", 0},
        {FORUM, INVITE("@creator:a", "@x:b"), "external_forum", 0},
        {SPACE_FORUM, MEMBER("@x:b", "join"), "external_forum", 0},
        {RESTRICTED, MEMBER("@x:b", "leave"), NULL, 0},
        {RESTRICTED, "@creator:a|m.room.member|@x:b|{'membership':'ban'}", NULL, 0},
        {OPEN, INVITE("@creator:a", "@x:b"), NULL, 0},
        {OPEN, MEMBER("@x:b", "join"), "external_uninvited", 0},
        {OPEN, MEMBER("@x:b", "knock"), "external_uninvited", 0},
        {OPEN MEMBER("@x:b", "leave"), MEMBER("@x:b", "join"), "external_uninvited", 0},
        {OPEN MEMBER("@x:b", "invite"), MEMBER("@x:b", "join"), NULL, 0},
        {OPEN MEMBER("@x:b", "join"), MEMBER("@x:b", "join"), NULL, 0},
        {OPEN MEMBER("@x:b", "join"), MEMBER("@x:b", "knock"), "external_uninvited", 0},
        {OPEN, INVITE("@x:b", "@y:a"), "external_invite", 0},
        {OPEN, INVITE("@x:b", "@y:b"), "external_invite", 0},
        {OPEN, "@x:b|m.room.third_party_invite|t|{}", "external_invite", 0},
        {RESTRICTED, MEMBER("@x:a", "join"), NULL, 0},
        {FORUM, MEMBER("@x:a", "join"), NULL, 0},
    };
    (void)state;
    RUN(examples);
}

static void offers_go_to_those_who_may_come(void **state)
{
    const struct example examples[] = {
        {RESTRICTED, OFFER("t"), NULL, ACCESS_ADDRESS_AGENT},
        {RESTRICTED, OFFER("t"), NULL, ACCESS_ADDRESS_UNKNOWN},
        {RESTRICTED, OFFER("t"), "external_restricted_room", ACCESS_ADDRESS_EXTERNAL},
        {"", OFFER("t"), "external_restricted_room", ACCESS_ADDRESS_EXTERNAL},
        {FORUM, OFFER("t"), "external_forum", ACCESS_ADDRESS_EXTERNAL},
        {FORUM, OFFER("t"), NULL, ACCESS_ADDRESS_AGENT},
        {OPEN, OFFER("t"), NULL, ACCESS_ADDRESS_EXTERNAL},
        {DIRECT, OFFER("t"), NULL, ACCESS_ADDRESS_EXTERNAL},
        {RESTRICTED, "@creator:a|m.room.third_party_invite|t|{}", NULL, ACCESS_ADDRESS_EXTERNAL},
    };
    (void)state;
    RUN(examples);
}

#define ANSWER(token)                                                                              \
    "@creator:a|m.room.member|@y:a|{'membership':'invite','third_party_invite':{'signed':"         \
    "{'token':'" token "'}}}"

static void a_direct_room_is_of_two(void **state)
{
    const struct example examples[] = {
        {DIRECT, INVITE("@creator:a", "@y:a"), NULL, 0},
        {DIRECT, INVITE("@creator:a", "@y:b"), NULL, 0},
        {DIRECT MEMBER("@x:b", "invite"), MEMBER("@x:b", "join"), NULL, 0},
        {DIRECT MEMBER("@x:a", "join"), INVITE("@creator:a", "@y:a"), "direct_full", 0},
        {DIRECT MEMBER("@x:a", "leave"), INVITE("@creator:a", "@y:a"), "direct_full", 0},
        {DIRECT MEMBER("@x:a", "leave"), INVITE("@creator:a", "@x:a"), NULL, 0},
        {DIRECT OFFER("t"), INVITE("@creator:a", "@y:a"), "direct_full", 0},
        {DIRECT OFFER("t"), ANSWER("t"), NULL, 0},
        {DIRECT OFFER("t"), ANSWER("u"), "direct_full", 0},
        {DIRECT OFFER("t"), OFFER("t"), NULL, 0},
        {DIRECT OFFER("t"), OFFER("u"), "direct_full", 0},
        {DIRECT OFFER("t"), "@creator:a|m.room.third_party_invite|t|{}", NULL, 0},
        {DIRECT MEMBER("@x:a", "join"), OFFER("t"), "direct_full", 0},
        {DIRECT MEMBER("@x:a", "join"), "@creator:a|m.room.third_party_invite|t|{}", NULL, 0},
        {DIRECT, JOIN_RULE("public"), "direct_private", 0},
        {DIRECT, JOIN_RULE("invite"), NULL, 0},
        {DIRECT, "@creator:a|m.room.name||{'name':'x'}", "direct_unnamed", 0},
        {DIRECT, "@creator:a|m.room.topic||{'topic':'x'}", "direct_unnamed", 0},
        {DIRECT, "@creator:a|m.room.avatar||{}", "direct_unnamed", 0},
        {RESTRICTED, "@creator:a|m.room.name||{'name':'x'}", NULL, 0},
    };
    (void)state;
    RUN(examples);
}

static void the_first_comes_into_a_direct_room_that_waits(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, "12", DIRECT OFFER("t"));
    test_room_remove(&world.room, "m.room.member", "@creator:a");
    assert_int_equal(check(&world, MEMBER("@creator:a", "join"), ACCESS_ADDRESS_UNKNOWN), 0);
    test_room_done(&world.room);
}

static void forums_stay_forums(void **state)
{
    const struct example examples[] = {
        {FORUM, JOIN_RULE("public"), NULL, 0},
        {FORUM, JOIN_RULE("invite"), "forum_public", 0},
        {SPACE_FORUM, JOIN_RULE("public"), "forum_public", 0},
        {RESTRICTED, JOIN_RULE("public"), NULL, 0}, /* link access */
        {OPEN, JOIN_RULE("public"), NULL, 0},
        {FORUM, MEGOLM, "forum_unencrypted", 0},
        {SPACE_FORUM, MEGOLM, "forum_unencrypted", 0},
        {FORUM, HISTORY("invited"), "history_fixed", 0},
        {FORUM, HISTORY("shared"), NULL, 0},
        {SPACE_FORUM, HISTORY("shared"), NULL, 0},
        {FORUM, HISTORY("world_readable"), "history_unknown", 0},
    };
    const struct example by_space[] = {
        {SPACE_FORUM, JOIN_RULE("restricted"), NULL, 0},
        {SPACE_FORUM, JOIN_RULE("knock_restricted"), NULL, 0},
    };
    (void)state;
    RUN(examples);
    run_in("12", by_space, ARRAY_LEN(by_space));
    run_in("10", by_space, ARRAY_LEN(by_space));
}

static void encryption_stays(void **state)
{
    const struct example examples[] = {
        {RESTRICTED, MEGOLM, NULL, 0},
        {RESTRICTED MEGOLM, MEGOLM, NULL, 0},
        {RESTRICTED MEGOLM, "@creator:a|m.room.encryption||{}", "encryption_fixed", 0},
        {RESTRICTED MEGOLM, "@creator:a|m.room.encryption||{'algorithm':'none'}",
         "encryption_fixed", 0},
        {RESTRICTED, "@creator:a|m.room.encryption||{'algorithm':'none'}", "encryption_unknown", 0},
        {CLEAR, MEGOLM, "room_unencrypted", 0},
    };
    (void)state;
    RUN(examples);
}

static void history_is_chosen_once(void **state)
{
    const struct example examples[] = {
        {RESTRICTED, HISTORY("shared"), NULL, 0},
        {RESTRICTED, HISTORY("invited"), NULL, 0},
        {RESTRICTED, HISTORY("joined"), NULL, 0},
        {RESTRICTED, HISTORY("world_readable"), "history_unknown", 0},
        {OPEN, HISTORY("shared"), "history_external", 0},
        {OPEN, HISTORY("invited"), NULL, 0},
        {DIRECT, HISTORY("shared"), "history_external", 0},
        {RESTRICTED HISTORY("invited"), HISTORY("shared"), "history_fixed", 0},
        {RESTRICTED HISTORY("shared"), HISTORY("invited"), "history_fixed", 0},
        {RESTRICTED HISTORY("shared"), HISTORY("shared"), NULL, 0},
        {RESTRICTED HISTORY("invited"), HISTORY("joined"), NULL, 0},
    };
    (void)state;
    RUN(examples);
}

static void other_events_are_not_looked_at(void **state)
{
    const struct example examples[] = {
        {OPEN, "@x:b|m.room.message|-|{'body':'x','msgtype':'m.text'}", NULL, 0},
        {OPEN, "@x:b|m.room.pinned_events||{}", NULL, 0},
        {FORUM, "@x:a|m.room.member|-|{'membership':'join'}", NULL, 0},
    };
    (void)state;
    RUN(examples);
}

/* A failed lookup is passed on as such, wherever it happens. */
static void lookups_may_fail(void **state)
{
    const struct {
        const char *what, *setup, *line;
        int at;
    } examples[] = {
        {"external", OPEN, MEMBER("@x:a", "join"), 0},
        {"external", OPEN, MEMBER("@x:a", "join"), 1},
        {"external", OPEN, LEVELS("'users':{'@x:b':50}"), 1},
        {"external", "", "@x:a|m.room.create||{'additional_creators':['@y:a']}", 1},
        {"find", OPEN, MEMBER("@x:a", "join"), 0},
        {"find", OPEN, MEMBER("@x:b", "join"), 1},
        {"find", DIRECT, MEMBER("@x:a", "join"), 1},
        {"find", RESTRICTED, OPEN, 1},
        {"find", RESTRICTED, OPEN, 2},
        {"find", RESTRICTED, MEGOLM, 1},
        {"find", RESTRICTED, HISTORY("shared"), 1},
        {"people", DIRECT, MEMBER("@x:a", "join"), 0},
        {"people", DIRECT, OFFER("t"), 0},
        {"people", "", DIRECT, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct world world;
        world_init(&world, "12", examples[i].setup);
        world.failing = examples[i].what;
        world.fail_at = examples[i].at;
        assert_int_equal(check(&world, examples[i].line, ACCESS_ADDRESS_UNKNOWN), -1);
        assert_int_equal(world.room.err.kind, ERR_KIND_INTERNAL);
        test_room_done(&world.room);
    }
}

static bool is_clear(const char *type, const char *content)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    const struct json *doc;
    struct err err;
    assert_int_equal(json_parse(arena, test_room_json(arena, content), &doc, &err), 0);
    return access_is_clear_content(str_from(type), doc);
}

static void what_may_be_in_clear(void **state)
{
    static const char *const may[] = {"m.reaction",        "m.room.encrypted",
                                      "m.call.invite",     "org.matrix.call.sdp_stream",
                                      "m.call.notify",     "m.key.verification.start",
                                      "m.rtc.notification"};
    static const char *const may_not[] = {"m.sticker", "m.poll.start", "m.beacon", "x.y",
                                          "m.calls"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(may); i++)
        assert_false(is_clear(may[i], "{}"));
    for (size_t i = 0; i < ARRAY_LEN(may_not); i++)
        assert_true(is_clear(may_not[i], "{}"));
    assert_true(is_clear("m.room.message", "{'msgtype':'m.text'}"));
    assert_true(is_clear("m.room.message", "{}"));
    assert_false(is_clear("m.room.message", "{'msgtype':'m.key.verification.request'}"));
}

static void what_a_room_is_is_not_redacted(void **state)
{
    (void)state;
    assert_false(access_may_redact(STR(ACCESS_TYPE)));
    assert_false(access_may_redact(STR("m.room.encryption")));
    assert_true(access_may_redact(STR("m.room.message")));
    assert_true(access_may_redact(STR("m.room.name")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_read_from_the_state),
        cmocka_unit_test(externals_make_no_rooms),
        cmocka_unit_test(externals_hold_no_power),
        cmocka_unit_test(the_rule_changes_once),
        cmocka_unit_test(externals_enter_open_rooms_when_invited),
        cmocka_unit_test(offers_go_to_those_who_may_come),
        cmocka_unit_test(a_direct_room_is_of_two),
        cmocka_unit_test(the_first_comes_into_a_direct_room_that_waits),
        cmocka_unit_test(forums_stay_forums),
        cmocka_unit_test(encryption_stays),
        cmocka_unit_test(history_is_chosen_once),
        cmocka_unit_test(other_events_are_not_looked_at),
        cmocka_unit_test(lookups_may_fail),
        cmocka_unit_test(what_a_room_is_is_not_redacted),
        cmocka_unit_test(what_may_be_in_clear),
    };
    return cmocka_run_group_tests_name("access_rules", tests, NULL, NULL);
}
