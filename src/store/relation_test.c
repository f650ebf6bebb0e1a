/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/relation.h"

#include <string.h>

#include "store/store_unit.h"
#include "json/doc.h"

/* The threads of a room, in the order of their last replies. */

struct reply {
    struct event *event;
    struct pdu pdu;
    int64_t rel_type;
    bool redacted;
};

static int write_reply(struct write *w, void *arg, struct err *err)
{
    struct reply *reply = arg;
    return reply->redacted ? relation_delete(w, reply->event, &reply->pdu, err)
                           : relation_write(w, reply->event, &reply->pdu, reply->rel_type, err);
}

static struct event *make_root(struct store_unit *unit, int64_t room, int64_t place)
{
    struct event *root = unit_event(unit->store, room, place, unit_intern(unit->store, "m.x"), 0);
    unit_insert(unit->store, root);
    return root;
}

static struct reply answer(struct store_unit *unit, const struct event *root, int64_t room,
                           int64_t place)
{
    struct err err = ERR_INIT;
    const struct json *content;
    struct reply reply = {.pdu = {.version = room_version_default()}};
    struct str id = pdu_event_id(unit->arena, reply.pdu.version, root->hash);
    struct str text = arena_printf(
        unit->arena, "{\"m.relates_to\":{\"rel_type\":\"m.thread\",\"event_id\":\"%.*s\"}}",
        STR_ARG(id));
    assert_int_equal(json_parse(unit->arena, text, &content, &err), 0);
    reply.pdu.content = content;
    reply.event = make_root(unit, room, place);
    assert_int_equal(relation_intern(unit->store, &reply.pdu, &reply.rel_type, &err), 0);
    unit_run(unit->store, write_reply, &reply);
    return reply;
}

static void redact(struct store_unit *unit, struct reply *reply)
{
    reply->redacted = true;
    unit_run(unit->store, write_reply, reply);
}

/* The threads before a place, as the places of their last replies. */
static void expect(struct store_unit *unit, int64_t room, int64_t before, size_t limit,
                   const int64_t *places, size_t n_places)
{
    struct err err = ERR_INIT;
    struct relation_thread_row *rows;
    struct read read;
    size_t n;
    read_begin(unit->store, &read);
    assert_int_equal(
        relation_list_threads(&read, room, before, limit, unit->arena, &rows, &n, &err), 0);
    read_end(&read);
    assert_int_equal(n, n_places);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(rows[i].last_place, places[i]);
}
#define EXPECT(unit, room, before, limit, ...)                                                     \
    expect(unit, room, before, limit, (const int64_t[]){__VA_ARGS__},                              \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void threads_come_by_their_last_replies(void **state)
{
    struct store_unit *unit = *state;
    int64_t room = unit_intern(unit->store, "!a:x"), other = unit_intern(unit->store, "!b:x");
    struct event *first = make_root(unit, room, 1), *second = make_root(unit, room, 2);
    struct reply replies[] = {
        answer(unit, first, room, 3), answer(unit, second, room, 4), answer(unit, first, room, 5),
        answer(unit, first, other, 6), /* of another room, which may name the root too */
    };
    EXPECT(unit, room, INT64_MAX, 10, 5, 4);
    EXPECT(unit, room, INT64_MAX, 1, 5);
    EXPECT(unit, room, 5, 10, 4);
    EXPECT(unit, other, INT64_MAX, 10, 6);
    redact(unit, &replies[2]);
    EXPECT(unit, room, INT64_MAX, 10, 4, 3);
    redact(unit, &replies[0]);
    EXPECT(unit, room, INT64_MAX, 10, 4);
    EXPECT(unit, other, INT64_MAX, 10, 6);
    for (size_t i = 0; i < ARRAY_LEN(replies); i++)
        event_unref(replies[i].event);
    event_unref(first);
    event_unref(second);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(threads_come_by_their_last_replies),
};
STORE_UNIT_MAIN(tests)
