/* SPDX-License-Identifier: EUPL-1.2 */

/* Sliding syncs of a server in this process: the arithmetic of lists, what connections keep and
 * lose, and what an answer asks of the store. */

#include "service/sync/sliding.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "service/rooms/create_room.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "service/sync/connections.h"
#include "service/sync/notifier.h"
#include "service/sync/required_state.h"
#include "service/sync/sliding_private.h"

#define POS_CHARS 160

static void check_status(int status, const struct use *use)
{
    if (status < 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

/* ---- ranges and order ---- */

static void test_a_range_holds_both_its_ends(void **state)
{
    struct sliding_range ranges[] = {{0, 0}, {5, 9}, {8, 12}};
    struct sliding_list list = {.ranges = ranges, .n_ranges = 3};
    static const bool inside[] = {true, false, false, false, false, true, true,
                                  true, true,  true,  true,  true,  true, false};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        assert_int_equal(sliding_list_holds(&list, (int64_t)i), inside[i]);
    assert_false(sliding_list_holds(&list, INT64_MAX));
    list.n_ranges = 0;
    assert_false(sliding_list_holds(&list, 0));
    list.whole = true;
    assert_true(sliding_list_holds(&list, INT64_MAX));
    ranges[0].to = INT64_MAX;
    list = (struct sliding_list){.ranges = ranges, .n_ranges = 1};
    assert_true(sliding_list_holds(&list, INT64_MAX));
}

static void test_the_last_to_speak_is_first(void **state)
{
    struct sliding_room rooms[] = {
        {.room = 1, .activity = 5}, {.room = 2, .activity = 9}, {.room = 3, .activity = 5}};
    (void)state;
    sliding_sort(rooms, ARRAY_LEN(rooms));
    assert_int_equal(rooms[0].room, 2);
    assert_int_equal(rooms[1].room, 3); /* of equals the newer room */
    assert_int_equal(rooms[2].room, 1);
    sliding_sort(NULL, 0);
}

/* ---- what is remembered of rooms ---- */

static void test_texts_that_no_room_goes_by_make_place(void **state)
{
    struct sliding_content *content = sliding_content_new();
    char text[16];
    (void)state;
    for (int i = 0; i < LIMIT_SLIDING_CONFIGS; i++) {
        snprintf(text, sizeof text, "[%d]", i);
        assert_int_equal(sliding_content_config(content, str_from(text)), i);
    }
    assert_int_equal(sliding_content_config(content, STR("[7]")), 7);
    assert_int_equal(sliding_content_config(content, STR("[x]")), -1);
    VEC_ADD(&content->rooms, (struct sliding_room){.room = 1, .sent = SLIDING_LIVE, .config = 40});
    VEC_ADD(&content->rooms, (struct sliding_room){.room = 2, .config = 41}); /* never told */
    sliding_content_tidy(content);
    assert_int_equal(content->configs.n, 1);
    assert_int_equal(content->rooms.p[0].config, 0);
    assert_true(str_eq(content->configs.p[0], STR("[40]")));
    assert_int_equal(sliding_content_config(content, STR("[x]")), 1);
    sliding_content_unref(content);
}

static void test_members_are_known_until_a_gap(void **state)
{
    struct sliding_content *content = sliding_content_new();
    (void)state;
    sliding_content_add_member(content, 1, 11);
    sliding_content_add_member(content, 2, 12);
    assert_true(sliding_content_knows_member(content, 1, 11));
    assert_false(sliding_content_knows_member(content, 2, 11));
    sliding_content_add_member(content, 1, 0);
    assert_false(sliding_content_knows_member(content, 1, 11));
    assert_true(sliding_content_knows_member(content, 2, 12));
    for (int64_t i = 0; i < LIMIT_SLIDING_MEMBERS + 1; i++)
        sliding_content_add_member(content, 3, 100 + i);
    assert_true(content->members.n <= LIMIT_SLIDING_MEMBERS);
    sliding_content_unref(content);
}

/* ---- connections ---- */

#define TAKE(owner, conn, seq, hold)                                                               \
    connections_take(connections, (owner), STR(conn), (seq), (hold))

static int64_t publish(struct connections *connections, const struct connection_hold *hold)
{
    struct sliding_content *content = sliding_content_new();
    struct sync_token at = {{1, 7}, 0, 0};
    int64_t seq = connections_new_seq(connections);
    if (!connections_publish(connections, hold, seq, &at, content))
        seq = 0;
    sliding_content_unref(content);
    return seq;
}

static void let_go(struct connection_hold *hold)
{
    sliding_content_unref(hold->content);
    hold->content = NULL;
}

static void test_two_generations_are_kept(void **state)
{
    struct connections *connections = connections_new();
    struct connection_hold hold = {0}, other = {0};
    (void)state;
    assert_int_equal(TAKE(1, "a", 5, &hold), CONNECTION_UNKNOWN);
    assert_int_equal(TAKE(1, "a", 0, &hold), CONNECTION_HELD);
    assert_null(hold.content);
    int64_t first = publish(connections, &hold);
    hold = (struct connection_hold){0};
    assert_int_equal(TAKE(1, "a", first, &hold), CONNECTION_HELD);
    assert_int_equal(hold.at.at.pos, 7);
    int64_t second = publish(connections, &hold);
    let_go(&hold);
    hold.ticket = 0;
    assert_int_equal(TAKE(1, "a", first, &hold), CONNECTION_HELD); /* the answer was lost */
    int64_t third = publish(connections, &hold);
    let_go(&hold);
    assert_int_equal(TAKE(1, "a", second, &other), CONNECTION_UNKNOWN);
    assert_int_equal(TAKE(2, "a", third, &other), CONNECTION_UNKNOWN);
    assert_int_equal(TAKE(1, "b", third, &other), CONNECTION_UNKNOWN);
    assert_int_equal(TAKE(1, "a", third, &other), CONNECTION_HELD);
    let_go(&other);
    other.ticket = 0;
    assert_int_equal(TAKE(1, "a", first, &other), CONNECTION_UNKNOWN);
    connections_free(connections);
}

static void test_the_last_to_begin_is_the_holder(void **state)
{
    struct connections *connections = connections_new();
    struct connection_hold one = {0}, two = {0};
    struct sync_token later = {{1, 9}, 0, 0};
    (void)state;
    assert_int_equal(TAKE(1, "", 0, &one), CONNECTION_HELD);
    int64_t seq = publish(connections, &one);
    one = (struct connection_hold){0};
    assert_int_equal(TAKE(1, "", seq, &one), CONNECTION_HELD);
    assert_int_equal(TAKE(1, "", seq, &two), CONNECTION_HELD);
    connections_advance(connections, &one, &later, NULL);
    assert_int_equal(publish(connections, &one), 0);
    let_go(&one);
    assert_int_equal(TAKE(1, "", seq, &one), CONNECTION_SUPERSEDED);
    let_go(&two);
    assert_int_equal(TAKE(1, "", seq, &two), CONNECTION_HELD); /* run again */
    assert_int_equal(two.at.at.pos, 7);
    connections_advance(connections, &two, &later, NULL);
    let_go(&two);
    assert_int_equal(TAKE(1, "", seq, &two), CONNECTION_HELD);
    assert_int_equal(two.at.at.pos, 9);
    let_go(&two);
    connections_free(connections);
}

static void test_connections_are_bounded(void **state)
{
    struct connections *connections = connections_new();
    struct connections_counts counts;
    char conn_id[32];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct connection_hold hold = {0};
        int n = snprintf(conn_id, sizeof conn_id, "c%d", i);
        assert_int_equal(
            connections_take(connections, 1 + i % 3, str_make(conn_id, (size_t)n), 0, &hold),
            CONNECTION_HELD);
        assert_int_not_equal(publish(connections, &hold), 0);
    }
    connections_count(connections, &counts);
    assert_int_equal(counts.connections, 3 * LIMIT_SLIDING_PER_DEVICE);
    assert_int_equal(counts.bytes, counts.connections * sizeof(struct sliding_content));
    connections_free(connections);
}

/* What the connections of all hold is bounded too: who has not come for longest goes. */
static void test_what_connections_hold_is_bounded(void **state)
{
    struct connections *connections = connections_new();
    struct connections_counts counts;
    struct sync_token at = {{1, 7}, 0, 0};
    struct connection_hold last = {0};
    int64_t seq = 0;
    size_t rooms = MIB(1) / sizeof(struct sliding_room);
    (void)state;
    struct sliding_content *content = sliding_content_new(); /* shared: it is counted each time */
    for (size_t i = 0; i < rooms; i++)
        VEC_ADD(&content->rooms, (struct sliding_room){.room = (int64_t)i + 1});
    for (int64_t owner = 1; owner <= 600; owner++) {
        struct connection_hold hold = {0};
        assert_int_equal(TAKE(owner, "", 0, &hold), CONNECTION_HELD);
        seq = connections_new_seq(connections);
        assert_true(connections_publish(connections, &hold, seq, &at, content));
    }
    connections_count(connections, &counts);
    assert_true(counts.bytes <= LIMIT_SLIDING_BYTES);
    assert_true(counts.bytes > LIMIT_SLIDING_BYTES - MIB(2));
    assert_int_equal(TAKE(600, "", seq, &last), CONNECTION_HELD);
    let_go(&last);
    last.ticket = 0;
    assert_int_equal(TAKE(1, "", 1, &last), CONNECTION_UNKNOWN);
    sliding_content_unref(content);
    connections_free(connections);
}

/* ---- answers ---- */

struct answer {
    struct arena *arena;
    const struct json *doc;
    bool asked_store;
    char pos[POS_CHARS];
};

static void settle(struct service_unit *unit)
{
    int64_t pos = store_head(unit->server->store).pos;
    while (notifier_head(unit->server->notifier).pos < pos)
        sched_yield();
}

static void slide(struct service_unit *unit, const struct caller *caller, const char *body,
                  const char *pos, struct answer *ret)
{
    struct sliding_request request;
    const struct json *doc;
    struct json_writer out;
    struct buf text;
    struct use use;
    settle(unit);
    unit_use_begin(unit, caller, &use);
    buf_init(&text, MIB(4));
    json_writer_init(&out, &text);
    check_status(json_parse(use.arena, str_from(body), &doc, &use.err), &use);
    check_status(sliding_request_parse(use.arena, doc, SLIDING_DEPLOYED, &request, &use.err), &use);
    request.pos = pos ? str_from(pos) : STR_NONE;
    check_status(sliding_run(&use, &request, &out), &use);
    ret->arena = arena_new(MIB(16));
    if (json_parse(ret->arena, arena_str(ret->arena, buf_str(&text)), &ret->doc, &use.err) < 0)
        fail_msg("not JSON: %.*s", STR_ARG(buf_str(&text)));
    ret->asked_store = use.read.conn != NULL;
    snprintf(ret->pos, sizeof ret->pos, "%.*s", STR_ARG(json_find_str(ret->doc, STR("pos"))));
    buf_done(&text);
    unit_use_end(&use);
}

static void make_room(struct service_unit *unit, const struct caller *caller,
                      char ret_id[LIMIT_EVENT_FIELD_BYTES])
{
    const struct new_room plain = {.preset = STR("private_chat")};
    struct use use;
    struct str id;
    unit_use_begin(unit, caller, &use);
    check_status(rooms_create(&use, &plain, &id), &use);
    snprintf(ret_id, LIMIT_EVENT_FIELD_BYTES, "%.*s", STR_ARG(id));
    unit_use_end(&use);
}

static void say(struct service_unit *unit, const struct caller *caller, const char *room, int n)
{
    struct sending sending = {.room_id = str_from(room), .type = STR("m.room.message")};
    struct use use;
    struct str id;
    unit_use_begin(unit, caller, &use);
    sending.txn = arena_printf(use.arena, "%d", n);
    check_status(json_parse(use.arena, STR("{\"body\":\"x\",\"msgtype\":\"m.text\"}"),
                            &sending.content, &use.err),
                 &use);
    check_status(rooms_send(&use, &sending, &id), &use);
    unit_use_end(&use);
}

#define ROOM_LIST                                                                                  \
    "{\"conn_id\":\"room-list\",\"lists\":{\"all\":{\"ranges\":[[0,19]],\"timeline_limit\":1,"     \
    "\"required_state\":[[\"m.room.name\",\"\"],[\"m.room.member\",\"$LAZY\"]]}},"                 \
    "\"extensions\":{\"account_data\":{\"enabled\":true},\"receipts\":{\"enabled\":true},"         \
    "\"typing\":{\"enabled\":true}}}"

static void test_an_empty_answer_asks_the_store_nothing(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x"), other = unit_account(unit, "@other:x");
    struct answer first, second, third;
    char mine[LIMIT_EVENT_FIELD_BYTES], theirs[LIMIT_EVENT_FIELD_BYTES];
    make_room(unit, &me, mine);
    make_room(unit, &other, theirs);
    slide(unit, &me, ROOM_LIST, NULL, &first);
    slide(unit, &me, ROOM_LIST, first.pos, &second);
    say(unit, &other, theirs, 1); /* is no concern of theirs */
    slide(unit, &me, ROOM_LIST, second.pos, &third);
    assert_int_equal(json_find(first.doc, STR("rooms"))->object.n, 1);
    assert_true(first.asked_store);
    assert_int_equal(json_find(third.doc, STR("rooms"))->object.n, 0);
    assert_false(third.asked_store);
    arena_free(first.arena);
    arena_free(second.arena);
    arena_free(third.arena);
}

/* The position inside pos moves on with what was nothing to tell, so that the moves stay known. */
static void test_pos_stays_while_there_is_nothing_to_tell(void **state)
{
    struct service_unit *unit = *state;
    struct caller me = unit_account(unit, "@me:x");
    struct answer first, again;
    char room[LIMIT_EVENT_FIELD_BYTES];
    make_room(unit, &me, room);
    slide(unit, &me, ROOM_LIST, NULL, &first);
    for (int i = 0; i < 200; i++) { /* more than the notifier remembers, of another connection */
        struct answer answer;
        const char *encryption = "{\"conn_id\":\"e\",\"extensions\":{\"e2ee\":{\"enabled\":true}}}";
        slide(unit, &me, encryption, i ? again.pos : NULL, &answer);
        if (i > 1) {
            assert_false(answer.asked_store);
            assert_true(
                strncmp(again.pos, answer.pos, (size_t)(strchr(again.pos, '_') - again.pos)) == 0);
        }
        say(unit, &me, room, i);
        again = answer;
        arena_free(answer.arena);
    }
    slide(unit, &me, ROOM_LIST, first.pos, &again);
    const struct json *told = json_find(json_find(again.doc, STR("rooms")), str_from(room));
    assert_int_equal(json_find(told, STR("timeline"))->array.n, 1);
    assert_true(json_as_bool(json_find(told, STR("limited")), false));
    arena_free(again.arena);
    arena_free(first.arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_range_holds_both_its_ends),
    cmocka_unit_test(test_the_last_to_speak_is_first),
    cmocka_unit_test(test_texts_that_no_room_goes_by_make_place),
    cmocka_unit_test(test_members_are_known_until_a_gap),
    cmocka_unit_test(test_two_generations_are_kept),
    cmocka_unit_test(test_the_last_to_begin_is_the_holder),
    cmocka_unit_test(test_connections_are_bounded),
    cmocka_unit_test(test_what_connections_hold_is_bounded),
    service_unit_test(test_an_empty_answer_asks_the_store_nothing),
    service_unit_test(test_pos_stays_while_there_is_nothing_to_tell),
};
SERVICE_UNIT_MAIN(tests)
