/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/relations.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"

static struct arena *arena;

static const struct json *parse(const char *text)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_from(text), &doc, &err) != 0)
        fail_msg("%s", err.text);
    return doc;
}

static struct relation relation(const char *text)
{
    struct relation r;
    relation_parse(parse(text), &r);
    return r;
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(MIB(1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void relations_are_read(void **state)
{
    (void)state;
    struct relation r = relation("{\"m.relates_to\":{\"rel_type\":\"m.annotation\","
                                 "\"event_id\":\"$a\",\"key\":\"+\"}}");
    assert_int_equal(r.kind, RELATION_ANNOTATION);
    assert_str(r.event_id, STR("$a"));
    assert_str(r.key, STR("+"));
    assert_false(r.key_is_no_text);
    r = relation("{\"m.relates_to\":{\"rel_type\":\"m.annotation\","
                 "\"event_id\":\"$a\",\"key\":{}}}");
    assert_null(r.key.p);
    assert_true(r.key_is_no_text);
    r = relation("{\"m.relates_to\":{\"rel_type\":\"m.thread\",\"event_id\":\"$a\",\"is_falling_"
                 "back\":true,\"m.in_reply_to\":{\"event_id\":\"$b\"},\"key\":\"no\"}}");
    assert_int_equal(r.kind, RELATION_THREAD);
    assert_str(r.reply_to, STR("$b"));
    assert_true(r.is_falling_back);
    assert_null(r.key.p);
    r = relation("{\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$b\"}}}");
    assert_int_equal(r.kind, RELATION_NONE);
    assert_str(r.reply_to, STR("$b"));
    r = relation("{\"m.relates_to\":{\"rel_type\":\"org.example\",\"event_id\":\"$a\"}}");
    assert_int_equal(r.kind, RELATION_OTHER);
}

static void malformed_relations_are_absent(void **state)
{
    const char *texts[] = {
        "{}",
        "[]",
        "{\"m.relates_to\":null}",
        "{\"m.relates_to\":[\"rel_type\"]}",
        "{\"m.relates_to\":{\"rel_type\":1,\"event_id\":\"$a\"}}",
        "{\"m.relates_to\":{\"rel_type\":\"m.thread\"}}",
        "{\"m.relates_to\":{\"rel_type\":\"m.thread\",\"event_id\":{}}}",
        "{\"m.relates_to\":{\"m.in_reply_to\":\"$a\"}}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct relation r = relation(texts[i]);
        assert_int_equal(r.kind, RELATION_NONE);
        assert_null(r.event_id.p);
        assert_null(r.reply_to.p);
    }
    struct relation r;
    relation_parse(NULL, &r);
    assert_int_equal(r.kind, RELATION_NONE);
}

#define EDIT                                                                                       \
    "{\"m.new_content\":{},\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"$a\"}}"

/* R13: each condition of "Validity of replacement events" broken alone. */
static void edits_have_rules(void **state)
{
    const struct relation_event original = {
        .type = STR("m.room.message"),
        .sender = STR("@a:x"),
        .room_id = STR("!r"),
        .content = parse("{\"body\":\"x\"}"),
    };
    struct relation_event good = original, bad, other;
    (void)state;
    good.content = parse(EDIT);
    assert_true(relation_replaces(&good, &original));
    bad = good;
    bad.sender = STR("@b:x");
    assert_false(relation_replaces(&bad, &original));
    bad = good;
    bad.type = STR("m.sticker");
    assert_false(relation_replaces(&bad, &original));
    bad = good;
    bad.room_id = STR("!other");
    assert_false(relation_replaces(&bad, &original));
    bad = good;
    bad.is_state = true;
    assert_false(relation_replaces(&bad, &original));
    bad = good;
    bad.is_redacted = true;
    assert_false(relation_replaces(&bad, &original));
    bad = good;
    bad.content = parse("{\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"$a\"}}");
    assert_false(relation_replaces(&bad, &original));
    other = original;
    other.is_state = true;
    assert_false(relation_replaces(&good, &other));
    other = original;
    other.content = parse(EDIT);
    assert_false(relation_replaces(&good, &other));
    bad.type = other.type = STR("m.room.encrypted");
    other.content = parse("{}");
    assert_true(relation_replaces(&bad, &other));
}

/* R14 */
static void threads_start_on_plain_events_only(void **state)
{
    struct relation thread =
        relation("{\"m.relates_to\":{\"rel_type\":\"m.thread\",\"event_id\":\"$a\"}}");
    struct relation_event parent = {.content = parse("{}")};
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(relation_check_send(&thread, &parent, &err), 0);
    parent.content = parse("{\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$b\"}}}");
    assert_int_equal(relation_check_send(&thread, &parent, &err), 0);
    parent.content = parse(EDIT);
    assert_int_equal(relation_check_send(&thread, &parent, &err), -1);
    assert_int_equal(err.status, 400);
    thread.kind = RELATION_ANNOTATION;
    assert_int_equal(relation_check_send(&thread, &parent, &err), 0);
}

/* Event "$n" refers to "$n-1"; "$0" is in the thread "$root". */
static int find_chain(void *arg, struct str event_id, struct relation *ret_relation,
                      struct err *err)
{
    int64_t number;
    (void)arg, (void)err;
    if (str_parse_uint(str_skip(event_id, 1), &number) != 0)
        return 0;
    *ret_relation = (struct relation){.kind = RELATION_REFERENCE};
    if (number == 0)
        *ret_relation = (struct relation){.kind = RELATION_THREAD, .event_id = STR("$root")};
    else
        ret_relation->event_id = arena_printf(arena, "$%d", (int)number - 1);
    return 1;
}

static void p07_three_hops_at_most_to_a_thread(void **state)
{
    struct relation start = {.kind = RELATION_REFERENCE, .event_id = STR("$2")};
    struct err err = ERR_INIT;
    struct str root = STR_NONE;
    (void)state;
    assert_int_equal(relation_find_thread(&start, find_chain, NULL, &root, &err), 1);
    assert_str(root, STR("$root"));
    start.event_id = STR("$3"); /* one more */
    assert_int_equal(relation_find_thread(&start, find_chain, NULL, &root, &err), 0);
    start.event_id = STR("$unknown");
    assert_int_equal(relation_find_thread(&start, find_chain, NULL, &root, &err), 0);
    start.kind = RELATION_NONE;
    assert_int_equal(relation_find_thread(&start, find_chain, NULL, &root, &err), 0);
}

static void mentions_are_read_once_each(void **state)
{
    struct mentions m;
    (void)state;
    mentions_parse(
        parse("{\"m.mentions\":{\"room\":true,\"user_ids\":[\"@a:x\",7,\"@b:x\",\"@a:x\","
              "\"\"]}}"),
        arena, &m);
    assert_true(m.present && m.room);
    assert_int_equal(m.n, 2);
    assert_str(m.user_ids[1], STR("@b:x"));
    mentions_parse(parse("{\"m.mentions\":{}}"), arena, &m);
    assert_true(m.present && !m.room && m.n == 0);
    mentions_parse(parse("{\"m.mentions\":{\"room\":\"true\",\"user_ids\":\"@a:x\"}}"), arena, &m);
    assert_true(m.present && !m.room && m.n == 0);
    mentions_parse(parse("{\"m.mentions\":[]}"), arena, &m);
    assert_false(m.present);
    mentions_parse(NULL, arena, &m);
    assert_false(m.present);
}

static void mentions_have_a_limit(void **state)
{
    struct buf text;
    struct mentions m;
    (void)state;
    buf_init(&text, MIB(1));
    buf_add(&text, STR("{\"m.mentions\":{\"user_ids\":["));
    for (int i = 0; i < LIMIT_MENTIONS + 5; i++)
        buf_printf(&text, "%s\"@u%d:x\"", i ? "," : "", i);
    buf_add(&text, STR("]}}"));
    buf_add_byte(&text, 0);
    mentions_parse(parse(text.p), arena, &m);
    assert_int_equal(m.n, LIMIT_MENTIONS);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relations_are_read),
        cmocka_unit_test(malformed_relations_are_absent),
        cmocka_unit_test(edits_have_rules),
        cmocka_unit_test(threads_start_on_plain_events_only),
        cmocka_unit_test(p07_three_hops_at_most_to_a_thread),
        cmocka_unit_test(mentions_are_read_once_each),
        cmocka_unit_test(mentions_have_a_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
