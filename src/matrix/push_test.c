/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/push.h"

#include "base/limits.h"
#include "base/unit.h"
#include "matrix/power.h"

#define ME "@me:example.org"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(MIB(8));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct json *parse(struct str text)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, text, &doc, &err) != 0)
        fail_msg("%s: %.*s", err.text, STR_ARG(text));
    return doc;
}

static struct push_rules *default_rules(void)
{
    return push_rules_parse(arena, NULL, STR(ME));
}

/* Written and read again, as the store does. */
static struct push_rules *stored(const struct push_rules *rules)
{
    struct buf buf;
    buf_init(&buf, MIB(4));
    push_rules_format(rules, &buf);
    struct push_rules *again =
        push_rules_parse(arena, parse(arena_str(arena, buf_str(&buf))), STR(ME));
    buf_done(&buf);
    return again;
}

struct scene {
    const char *event;
    int64_t members;
    const struct json *levels;
    const char *display_name;
};

static struct push_verdict run(const struct push_rules *rules, struct scene scene)
{
    struct power power = {.version = room_version_default(), .content = scene.levels};
    struct push_facts facts = {
        .event = parse(str_from(scene.event)),
        .room_id = STR("!room"),
        .joined_members = scene.members ? scene.members : 3,
        .power = &power,
    };
    struct push_reader reader = {STR(ME), str_from(scene.display_name)};
    struct push_program *program = push_program_new(rules);
    struct push_verdict verdict;
    push_evaluate(program, push_event_new(arena, &facts), &reader, &verdict);
    if (verdict.rule_id.p)
        verdict.rule_id = arena_str(arena, verdict.rule_id);
    verdict.actions = arena_str(arena, verdict.actions);
    if (verdict.sound.p)
        verdict.sound = arena_str(arena, verdict.sound);
    push_program_unref(program);
    return verdict;
}

#define EVENT(type, rest) "{\"sender\":\"@you:example.org\",\"type\":\"" type "\"," rest "}"
#define TEXT(body)        EVENT("m.room.message", "\"content\":{\"body\":\"" body "\"}")

static void expect(struct scene scene, const char *rule_id, bool notify, bool highlight,
                   const char *sound)
{
    struct push_verdict verdict = run(default_rules(), scene);
    assert_str(verdict.rule_id, str_from(rule_id));
    assert_int_equal(verdict.notify, notify);
    assert_int_equal(verdict.highlight, highlight);
    assert_str(verdict.sound, str_from(sound));
}

/* Every predefined rule, by an event that it alone decides. */
static void predefined_rules_decide(void **state)
{
    (void)state;
    expect((struct scene){.event = TEXT("hi")}, ".m.rule.message", true, false, NULL);
    expect((struct scene){.event = TEXT("hi"), .members = 2}, ".m.rule.room_one_to_one", true,
           false, "default");
    expect((struct scene){.event = EVENT("m.room.encrypted", "\"content\":{}")},
           ".m.rule.encrypted", true, false, NULL);
    expect((struct scene){.event = EVENT("m.room.encrypted", "\"content\":{}"), .members = 2},
           ".m.rule.encrypted_room_one_to_one", true, false, "default");
    expect((struct scene){.event = EVENT("m.call.invite", "\"content\":{}")}, ".m.rule.call", true,
           false, "ring");
    expect(
        (struct scene){.event = EVENT("m.room.message", "\"content\":{\"msgtype\":\"m.notice\"}")},
        ".m.rule.suppress_notices", false, false, NULL);
    expect((struct scene){.event = EVENT("m.room.member",
                                         "\"state_key\":\"" ME "\",\"content\":{\"membership\":"
                                         "\"invite\"}")},
           ".m.rule.invite_for_me", true, false, "default");
    expect((struct scene){.event = EVENT("m.room.member", "\"state_key\":\"@x:y\",\"content\":{"
                                                          "\"membership\":\"invite\"}")},
           ".m.rule.member_event", false, false, NULL);
    expect(
        (struct scene){.event = EVENT("m.room.message",
                                      "\"content\":{\"m.mentions\":{\"user_ids\":[\"" ME "\"]}}")},
        ".m.rule.is_user_mention", true, true, "default");
    expect((struct scene){.event = EVENT("m.room.tombstone", "\"state_key\":\"\",\"content\":{}")},
           ".m.rule.tombstone", true, true, NULL);
    expect((struct scene){.event = EVENT("m.reaction", "\"content\":{}")}, ".m.rule.reaction",
           false, false, NULL);
    expect((struct scene){.event = EVENT("m.room.server_acl", "\"state_key\":\"\",\"content\":{}")},
           ".m.rule.room.server_acl", false, false, NULL);
    expect((struct scene){.event = EVENT("m.room.message", "\"content\":{\"m.relates_to\":{\"rel_"
                                                           "type\":\"m.replace\"}}")},
           ".m.rule.suppress_edits", false, false, NULL);
    expect((struct scene){.event = EVENT("m.room.tombstone", "\"content\":{}")}, NULL, false, false,
           NULL);
}

static void room_mentions_need_power(void **state)
{
    const char *event = EVENT("m.room.message", "\"content\":{\"m.mentions\":{\"room\":true}}");
    const struct json *enough = parse(STR("{\"users\":{\"@you:example.org\":50}}"));
    const struct json *raised =
        parse(STR("{\"users\":{\"@you:example.org\":50},\"notifications\":{\"room\":51}}"));
    (void)state;
    expect((struct scene){.event = event, .levels = enough}, ".m.rule.is_room_mention", true, true,
           NULL);
    expect((struct scene){.event = event, .levels = raised}, ".m.rule.message", true, false, NULL);
    expect((struct scene){.event = EVENT("m.room.message",
                                         "\"content\":{\"m.mentions\":{\"room\":\"true\"}}"),
                          .levels = enough},
           ".m.rule.message", true, false, NULL);
}

static int put(struct push_rules *rules, enum push_kind kind, const char *id, const char *body,
               const char *before, const char *after, struct err *err)
{
    *err = ERR_INIT;
    return push_rules_put(rules, kind, str_from(id), parse(str_from(body)), str_from(before),
                          str_from(after), err);
}

static void add(struct push_rules *rules, enum push_kind kind, const char *id, const char *body)
{
    struct err err;
    if (put(rules, kind, id, body, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
}

static struct str rule_for(const struct push_rules *rules, const char *event)
{
    return run(rules, (struct scene){.event = event}).rule_id;
}

/* P01 */
static void p01_order_disabled_unknown_and_own(void **state)
{
    struct push_rules *rules = default_rules();
    struct err err = ERR_INIT;
    (void)state;
    assert_str(rule_for(rules, TEXT("cake")), STR(".m.rule.message"));
    add(rules, PUSH_KIND_UNDERRIDE, "u", "{\"actions\":[\"notify\"]}");
    assert_str(rule_for(rules, TEXT("cake")), STR("u"));
    add(rules, PUSH_KIND_SENDER, "@you:example.org", "{\"actions\":[]}");
    assert_str(rule_for(rules, TEXT("cake")), STR("@you:example.org"));
    add(rules, PUSH_KIND_ROOM, "!room", "{\"actions\":[]}");
    assert_str(rule_for(rules, TEXT("cake")), STR("!room"));
    add(rules, PUSH_KIND_CONTENT, "c", "{\"actions\":[],\"pattern\":\"cake\"}");
    assert_str(rule_for(rules, TEXT("cake")), STR("c"));
    assert_str(rule_for(rules, TEXT("pie")), STR("!room"));
    add(rules, PUSH_KIND_OVERRIDE, "o", "{\"actions\":[],\"conditions\":[]}");
    assert_str(rule_for(rules, TEXT("cake")), STR("o"));

    /* A condition that nobody knows, or that is malformed, never holds. */
#define NEVER(condition) "{\"actions\":[],\"conditions\":[{" condition "}]}"
    const char *never[] = {
        NEVER("\"kind\":\"org.example\""),
        NEVER("\"kind\":\"event_match\",\"key\":\"type\""),
        NEVER("\"kind\":\"room_member_count\",\"is\":\"many\""),
        NEVER("\"kind\":\"event_property_is\",\"key\":\"type\",\"value\":{}"),
    };
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        add(rules, PUSH_KIND_OVERRIDE, "n", never[i]);
        assert_str(rule_for(stored(rules), TEXT("cake")), STR("o"));
    }

    assert_int_equal(push_rules_set_enabled(rules, PUSH_KIND_OVERRIDE, STR("o"), false, &err), 0);
    assert_str(rule_for(rules, TEXT("cake")), STR("c"));
    assert_int_equal(
        push_rules_set_enabled(rules, PUSH_KIND_OVERRIDE, STR(".m.rule.master"), true, &err), 0);
    assert_str(rule_for(rules, TEXT("cake")), STR(".m.rule.master"));

    const char *own = "{\"sender\":\"" ME "\",\"type\":\"m.room.message\",\"content\":{}}";
    struct push_verdict verdict = run(default_rules(), (struct scene){.event = own});
    assert_false(verdict.notify);
    assert_null(verdict.rule_id.p);
}

static void p01_historical_actions_are_dropped(void **state)
{
    struct push_rules *rules = default_rules();
    (void)state;
    add(rules, PUSH_KIND_OVERRIDE, "o", "{\"actions\":[\"dont_notify\",\"coalesce\"]}");
    assert_str(run(rules, (struct scene){.event = TEXT("x")}).actions, STR("[]"));
    add(rules, PUSH_KIND_OVERRIDE, "o",
        "{\"actions\":[\"coalesce\",\"notify\",{\"set_tweak\":\"sound\",\"value\":\"b\"},"
        "{\"set_tweak\":\"highlight\",\"value\":false}]}");
    struct push_verdict verdict = run(stored(rules), (struct scene){.event = TEXT("x")});
    assert_true(verdict.notify);
    assert_false(verdict.highlight);
    assert_str(verdict.sound, STR("b"));
    assert_false(str_contains(verdict.actions, STR("coalesce")));
}

/* One override rule with one condition: does it hold? */
static bool holds(const char *condition, struct scene scene)
{
    struct push_rules *rules = default_rules();
    struct str body = arena_printf(arena, "{\"actions\":[],\"conditions\":[%s]}", condition);
    add(rules, PUSH_KIND_OVERRIDE, "tested", body.p);
    return str_eq(run(rules, scene).rule_id, STR("tested"));
}

#define CONTENT(members) EVENT("m.x", "\"content\":{" members "}")
#define MATCH(key, pattern)                                                                        \
    "{\"kind\":\"event_match\",\"key\":\"" key "\",\"pattern\":\"" pattern "\"}"

/* P02 */
static void p02_matching(void **state)
{
    struct scene body = {.event = CONTENT("\"body\":\"An example event.\"")};
    struct scene topic = {.event = CONTENT("\"topic\":\"Lunch plans\"")};
    (void)state;
    assert_true(holds(MATCH("content.body", "EX*ple"), body));
    assert_false(holds(MATCH("content.body", "exampl"), body));
    assert_false(holds(MATCH("content.topic", "plans"), topic)); /* words in the body only */
    assert_true(holds(MATCH("content.topic", "lunc?*"), topic));
    assert_false(holds(MATCH("content.absent", "*"), topic));
    assert_false(holds(MATCH("content.n", "1"), (struct scene){.event = CONTENT("\"n\":1")}));
    assert_true(holds(MATCH("content.m\\\\.x.y", "z"),
                      (struct scene){.event = CONTENT("\"m.x\":{\"y\":\"z\"}")}));
    assert_false(holds(MATCH("content.m.x.y", "z"),
                       (struct scene){.event = CONTENT("\"m.x\":{\"y\":\"z\"}")}));
    assert_true(holds(MATCH("content.a\\\\\\\\b", "z"),
                      (struct scene){.event = CONTENT("\"a\\\\b\":\"z\"")}));
    assert_true(holds(MATCH("room_id", "!room"), body));
    assert_true(holds(MATCH("sender", "@you:*"), body));
}

#define IS(kind, value)                                                                            \
    "{\"kind\":\"event_property_" kind "\",\"key\":\"content.v\",\"value\":" value "}"

static bool value_holds(const char *condition, const char *value)
{
    struct str event = arena_printf(arena, CONTENT("\"v\":%s"), value);
    return holds(condition, (struct scene){.event = event.p});
}

static void p02_no_type_coercion(void **state)
{
    (void)state;
    assert_true(value_holds(IS("is", "true"), "true"));
    assert_false(value_holds(IS("is", "true"), "\"true\""));
    assert_false(value_holds(IS("is", "true"), "1"));
    assert_true(value_holds(IS("is", "1"), "1"));
    assert_false(value_holds(IS("is", "1"), "1.0"));
    assert_true(value_holds(IS("is", "null"), "null"));
    assert_true(value_holds(IS("is", "\"A\""), "\"A\""));
    assert_false(value_holds(IS("is", "\"A\""), "\"a\"")); /* exact */
    assert_true(value_holds(IS("contains", "\"x\""), "[1,{},\"x\"]"));
    assert_false(value_holds(IS("contains", "\"x\""), "[\"xy\"]"));
    assert_false(value_holds(IS("contains", "\"x\""), "\"x\""));
    assert_true(value_holds(IS("contains", "null"), "[null]"));
}

static void members_are_counted(void **state)
{
    static const struct {
        const char *is;
        bool at_9, at_10, at_11;
    } cases[] = {
        {"10", false, true, false},   {"==10", false, true, false}, {"<10", true, false, false},
        {">10", false, false, true},  {"<=10", true, true, false},  {">=10", false, true, true},
        {" 10", false, false, false}, {"=10", false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str c =
            arena_printf(arena, "{\"kind\":\"room_member_count\",\"is\":\"%s\"}", cases[i].is);
        struct scene scene = {.event = TEXT("x")};
        scene.members = 9;
        assert_int_equal(holds(c.p, scene), cases[i].at_9);
        scene.members = 10;
        assert_int_equal(holds(c.p, scene), cases[i].at_10);
        scene.members = 11;
        assert_int_equal(holds(c.p, scene), cases[i].at_11);
    }
}

static void display_names_are_literal_words(void **state)
{
    const char *condition = "{\"kind\":\"contains_display_name\"}";
    struct scene scene = {.event = TEXT("hello A*C!"), .display_name = "a*c"};
    (void)state;
    assert_true(holds(condition, scene));
    scene.event = TEXT("hello abc");
    assert_false(holds(condition, scene));
    scene.display_name = "";
    assert_false(holds(condition, scene));
    scene.display_name = NULL;
    assert_false(holds(condition, scene));
}

static void document_keeps_changes_and_order(void **state)
{
    struct push_rules *rules = default_rules();
    struct err err = ERR_INIT;
    struct buf a, b;
    (void)state;
    add(rules, PUSH_KIND_OVERRIDE, "one", "{\"actions\":[],\"conditions\":[{\"kind\":\"x.y\"}]}");
    add(rules, PUSH_KIND_CONTENT, "c", "{\"actions\":[],\"pattern\":\"x*\"}");
    assert_int_equal(
        push_rules_set_actions(rules, PUSH_KIND_UNDERRIDE, STR(".m.rule.message"),
                               parse(STR("[\"notify\",{\"set_tweak\":\"highlight\"}]")), &err),
        0);
    assert_int_equal(
        push_rules_set_enabled(rules, PUSH_KIND_OVERRIDE, STR(".m.rule.reaction"), false, &err), 0);
    buf_init(&a, MIB(1));
    buf_init(&b, MIB(1));
    push_rules_format(rules, &a);
    push_rules_format(stored(rules), &b);
    assert_str(buf_str(&b), buf_str(&a));
    const struct json *doc = parse(arena_str(arena, buf_str(&a)));
    const struct json *list = json_find(json_find(doc, STR("global")), STR("override"));
    assert_int_equal(list->array.n, 11);
    assert_str(json_find_str(&list->array.items[0], STR("rule_id")), STR(".m.rule.master"));
    assert_str(json_find_str(&list->array.items[1], STR("rule_id")), STR("one"));
    assert_str(json_find_str(&list->array.items[2], STR("rule_id")),
               STR(".m.rule.suppress_notices"));
    assert_true(run(stored(rules), (struct scene){.event = TEXT("y")}).highlight);
    buf_done(&a);
    buf_done(&b);
}

static void malformed_documents_give_the_defaults(void **state)
{
    const char *texts[] = {
        "[]",
        "{\"global\":[]}",
        "{\"global\":{\"override\":{}}}",
        "{\"global\":{\"override\":[1,null,{},{\"rule_id\":7},{\"rule_id\":\"a\"},{\"rule_id\":"
        "\".m.gone\",\"actions\":[]},{\"rule_id\":\"a/b\",\"actions\":[]},{\"rule_id\":\"a\","
        "\"actions\":{}}],\"content\":[{\"rule_id\":\"a\",\"actions\":[]}]}}",
    };
    struct buf a, b;
    (void)state;
    buf_init(&a, MIB(1));
    push_rules_format(default_rules(), &a);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_init(&b, MIB(1));
        push_rules_format(push_rules_parse(arena, parse(str_from(texts[i])), STR(ME)), &b);
        assert_str(buf_str(&b), buf_str(&a));
        buf_done(&b);
    }
    buf_done(&a);
}

/* The user's rules of a kind, in order, as one word. */
static struct str order(const struct push_rules *rules)
{
    struct buf buf;
    buf_init(&buf, MIB(1));
    push_rules_format_global(rules, &buf);
    const struct json *doc = parse(arena_str(arena, buf_str(&buf)));
    const struct json *list = json_find(doc, STR("override"));
    buf_clear(&buf);
    for (size_t i = 0; i < list->array.n; i++)
        if (!json_as_bool(json_find(&list->array.items[i], STR("default")), true))
            buf_add(&buf, json_find_str(&list->array.items[i], STR("rule_id")));
    struct str word = arena_str(arena, buf_str(&buf));
    buf_done(&buf);
    return word;
}

#define NOTHING "{\"actions\":[]}"

static void p03_before_and_after(void **state)
{
    struct push_rules *rules = default_rules();
    struct err err;
    (void)state;
    add(rules, PUSH_KIND_OVERRIDE, "a", NOTHING);
    add(rules, PUSH_KIND_OVERRIDE, "b", NOTHING);
    add(rules, PUSH_KIND_OVERRIDE, "c", NOTHING);
    assert_str(order(rules), STR("cba"));
    assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "d", NOTHING, "a", NULL, &err), 0);
    assert_str(order(rules), STR("cbda"));
    assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "e", NOTHING, NULL, "a", &err), 0);
    assert_str(order(rules), STR("cbdae"));
    assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "c", NOTHING, NULL, "d", &err), 0);
    assert_str(order(rules), STR("bdcae"));
    assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "e", NOTHING, "b", "a", &err), 0);
    assert_str(order(rules), STR("ebdca"));
    add(rules, PUSH_KIND_OVERRIDE, "d", NOTHING); /* changed, not moved */
    assert_str(order(rules), STR("ebdca"));
    const char *wrong[] = {"x", ".m.rule.master", "d"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "d", NOTHING, wrong[i], NULL, &err), -1);
        assert_int_equal(err.status, 400);
        assert_int_equal(put(rules, PUSH_KIND_OVERRIDE, "d", NOTHING, NULL, wrong[i], &err), -1);
    }
    assert_str(order(rules), STR("ebdca"));
    assert_int_equal(push_rules_delete(rules, PUSH_KIND_OVERRIDE, STR("d"), &err), 0);
    assert_str(order(stored(rules)), STR("ebca"));
}

static void p03_refusals(void **state)
{
    static const struct {
        enum push_kind kind;
        const char *id, *body, *errcode;
    } cases[] = {
        {PUSH_KIND_OVERRIDE, ".mine", NOTHING, "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "", NOTHING, "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a/b", NOTHING, "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a\\b", NOTHING, "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "[]", "M_BAD_JSON"},
        {PUSH_KIND_OVERRIDE, "a", "{}", "M_MISSING_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "{\"actions\":{}}", "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "{\"actions\":[\"shout\"]}", "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "{\"actions\":[{\"tweak\":\"x\"}]}", "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "{\"actions\":[],\"conditions\":{}}", "M_INVALID_PARAM"},
        {PUSH_KIND_OVERRIDE, "a", "{\"actions\":[],\"conditions\":[{}]}", "M_INVALID_PARAM"},
        {PUSH_KIND_CONTENT, "a", NOTHING, "M_MISSING_PARAM"},
        {PUSH_KIND_CONTENT, "a", "{\"actions\":[],\"pattern\":1}", "M_INVALID_PARAM"},
    };
    struct push_rules *rules = default_rules();
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(put(rules, cases[i].kind, cases[i].id, cases[i].body, NULL, NULL, &err),
                         -1);
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, cases[i].errcode);
    }
    assert_int_equal(push_rules_delete(rules, PUSH_KIND_OVERRIDE, STR("a"), &err), -1);
    assert_int_equal(err.status, 404);
    assert_int_equal(push_rules_delete(rules, PUSH_KIND_OVERRIDE, STR(".m.rule.master"), &err), -1);
    assert_int_equal(err.status, 400);
    assert_int_equal(push_rules_set_enabled(rules, PUSH_KIND_ROOM, STR("a"), true, &err), -1);
    assert_int_equal(err.status, 404);
    assert_int_equal(
        push_rules_set_actions(rules, PUSH_KIND_ROOM, STR("a"), parse(STR("[]")), &err), -1);
    assert_int_equal(err.status, 404);
}

static void rules_have_a_limit(void **state)
{
    struct push_rules *rules = default_rules();
    struct err err = ERR_INIT;
    const struct json *body = parse(STR(NOTHING));
    (void)state;
    for (int i = 0; i < LIMIT_PUSH_RULES; i++)
        assert_int_equal(push_rules_put(rules, i % 2 ? PUSH_KIND_ROOM : PUSH_KIND_SENDER,
                                        arena_printf(arena, "!%d", i), body, STR_NONE, STR_NONE,
                                        &err),
                         0);
    assert_int_equal(
        push_rules_put(rules, PUSH_KIND_ROOM, STR("!x"), body, STR_NONE, STR_NONE, &err), -1);
    assert_string_equal(err.errcode, "M_TOO_LARGE");
    assert_int_equal(
        push_rules_put(rules, PUSH_KIND_ROOM, STR("!1"), body, STR_NONE, STR_NONE, &err), 0);
    assert_false(push_rules_copy_room(rules, STR("!1"), STR("!x")));
}

static void rules_have_a_weight(void **state)
{
    struct push_rules *rules = default_rules();
    struct err err = ERR_INIT;
    struct buf buf;
    int rc = 0, added = 0;
    (void)state;
    buf_init(&buf, KIB(16));
    buf_add(&buf, STR("{\"actions\":[],\"conditions\":[{\"kind\":\""));
    while (buf.n < KIB(15))
        buf_add_byte(&buf, 'x');
    buf_add(&buf, STR("\"}]}"));
    const struct json *body = parse(arena_str(arena, buf_str(&buf)));
    for (; rc == 0; added++)
        rc = push_rules_put(rules, PUSH_KIND_OVERRIDE, arena_printf(arena, "%d", added), body,
                            STR_NONE, STR_NONE, &err);
    assert_string_equal(err.errcode, "M_TOO_LARGE");
    assert_in_range(added, 15, 20);
    /* The same again in place of one is no more than before. */
    assert_int_equal(
        push_rules_put(rules, PUSH_KIND_OVERRIDE, STR("1"), body, STR_NONE, STR_NONE, &err), 0);
    buf_done(&buf);
}

static void upgraded_rooms_keep_their_rule(void **state)
{
    struct push_rules *rules = default_rules();
    (void)state;
    assert_false(push_rules_copy_room(rules, STR("!old"), STR("!new")));
    add(rules, PUSH_KIND_ROOM, "!old", "{\"actions\":[\"notify\"]}");
    assert_true(push_rules_copy_room(rules, STR("!old"), STR("!new")));
    assert_non_null(push_rules_find(rules, PUSH_KIND_ROOM, STR("!new")));
    assert_false(push_rules_copy_room(rules, STR("!old"), STR("!new")));
}

/* CPU-01: it ends at once, whatever the pattern; with backtracking it would not end. */
static void cpu_01_hostile_pattern(void **state)
{
    struct push_rules *rules = default_rules();
    struct buf pattern, event;
    (void)state;
    buf_init(&pattern, KIB(2));
    buf_add(&pattern, STR("{\"actions\":[],\"pattern\":\""));
    for (int i = 0; i < 400; i++)
        buf_add(&pattern, STR("*a"));
    buf_add(&pattern, STR("b\"}"));
    add(rules, PUSH_KIND_CONTENT, "hostile", arena_str(arena, buf_str(&pattern)).p);
    buf_init(&event, KIB(128));
    buf_add(&event, STR("{\"sender\":\"@you:example.org\",\"type\":\"m.room.message\","
                        "\"content\":{\"body\":\""));
    for (int i = 0; i < 65000; i++)
        buf_add_byte(&event, 'a');
    buf_add(&event, STR("\"}}"));
    assert_str(rule_for(rules, arena_str(arena, buf_str(&event)).p), STR(".m.rule.message"));
    buf_done(&pattern);
    buf_done(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predefined_rules_decide),
        cmocka_unit_test(room_mentions_need_power),
        cmocka_unit_test(p01_order_disabled_unknown_and_own),
        cmocka_unit_test(p01_historical_actions_are_dropped),
        cmocka_unit_test(p02_matching),
        cmocka_unit_test(p02_no_type_coercion),
        cmocka_unit_test(members_are_counted),
        cmocka_unit_test(display_names_are_literal_words),
        cmocka_unit_test(document_keeps_changes_and_order),
        cmocka_unit_test(malformed_documents_give_the_defaults),
        cmocka_unit_test(p03_before_and_after),
        cmocka_unit_test(p03_refusals),
        cmocka_unit_test(rules_have_a_limit),
        cmocka_unit_test(rules_have_a_weight),
        cmocka_unit_test(upgraded_rooms_keep_their_rule),
        cmocka_unit_test(cpu_01_hostile_pattern),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
