/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "store/log.h"
#include "store/redaction.h"
#include "store/store_unit.h"

static void members_are_found(void **state)
{
    struct str json = STR("{\"auth_events\":[\"$a\",\"}\"],\"content\":{\"a\":[{\"type\":\"no\"}],"
                          "\"b\":\"x\\\"},{\"},\"depth\":12,\"sender\":\"@a:x\",\"type\":\"m.t\","
                          "\"zzz\":1}");
    struct event_members members;
    (void)state;
    assert_int_equal(event_find_members(json, &members), 0);
    assert_str(members.auth_events, STR("[\"$a\",\"}\"]"));
    assert_str(members.content, STR("{\"a\":[{\"type\":\"no\"}],\"b\":\"x\\\"},{\"}"));
    assert_str(members.depth, STR("12"));
    assert_str(members.sender, STR("\"@a:x\""));
    assert_str(members.type, STR("\"m.t\""));
    assert_null(members.state_key.p);
}

static void what_is_no_pdu_is_refused(void **state)
{
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("{"),
        STR_INIT("{}"),
        STR_INIT("[]"),
        STR_INIT("{\"content\":{},\"sender\":\"a\",\"type\":\"b\""),
        STR_INIT("{\"content\":{},\"sender\":\"a\",\"type\":\"b\"}x"),
        STR_INIT("{\"content\":{},\"sender\":\"a\",\"type\":\"b"),
        STR_INIT("{\"content\":,\"sender\":\"a\",\"type\":\"b\"}"),
        STR_INIT("{\"content\":{},\"sender\":\"a\"}"),
        STR_INIT("{\"content\":{},\"sender\":\"a\",\"type\":\"b\",}"),
        STR_INIT("{\"content\" :{},\"sender\":\"a\",\"type\":\"b\"}"),
        STR_INIT("{\"content\":{},\"sender\":\"a\",\"type\":\"b\\"),
    };
    struct event_members members;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(event_find_members(bad[i], &members), -1);
}

static void assert_same(const struct event *a, const struct event *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->room, b->room);
    assert_int_equal(a->pos, b->pos);
    assert_int_equal(a->place, b->place);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->sender, b->sender);
    assert_int_equal(a->state_key, b->state_key);
    assert_int_equal(a->origin_server_ts, b->origin_server_ts);
    assert_int_equal(a->depth, b->depth);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->state_before, b->state_before);
    assert_int_equal(a->flags, b->flags);
    assert_memory_equal(a->hash, b->hash, EVENT_HASH_BYTES);
    assert_int_equal(a->device, b->device);
    assert_str(a->txn, b->txn);
    assert_str(a->json, b->json);
    assert_str(a->members.content, b->members.content);
    assert_str(a->members.type, b->members.type);
    assert_int_equal(a->members.state_key.p == NULL, b->members.state_key.p == NULL);
    assert_str(a->members.hashes, b->members.hashes);
}

static struct event *load(struct store *store, int64_t id)
{
    struct err err = ERR_INIT;
    struct event *event = NULL;
    struct read r;
    read_begin(store, &r);
    assert_true(event_load(&r, id, &event, &err) >= 0);
    read_end(&r);
    return event;
}

static void an_event_comes_back_whole(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct read r;
    CLEANUP(event_cleanup) struct event *message = unit_event(unit->store, 7, 1, 50, 0);
    CLEANUP(event_cleanup) struct event *outlier = unit_event(unit->store, 7, 0, 51, 52);
    event_set_transaction(message, 5, STR("m.room.message t\0.1"));
    outlier->flags = EVENT_OUTLIER;
    outlier->state = 99;
    unit_insert(unit->store, message);
    unit_insert(unit->store, outlier);
    assert_int_equal(message->pos, store_head(unit->store).pos);
    assert_int_equal(outlier->pos, 0);
    for (int turn = 0; turn < 2; turn++) {
        CLEANUP(event_cleanup) struct event *a = load(unit->store, message->id);
        CLEANUP(event_cleanup) struct event *b = load(unit->store, outlier->id);
        CLEANUP(event_cleanup) struct event *c = NULL;
        assert_same(a, message);
        assert_same(b, outlier);
        read_begin(unit->store, &r);
        assert_int_equal(event_load_by_hash(&r, message->hash, &c, &err), 1);
        read_end(&r);
        assert_same(c, message);
        store_unit_reopen(unit); /* the second time from the rows */
    }
}

static void many_load_in_order(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct read r;
    int64_t ids[7];
    struct event *events[7];
    for (int i = 0; i < 4; i++) {
        CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, i + 1, 50, 0);
        ids[i] = event->id;
        unit_insert(unit->store, event);
    }
    store_unit_reopen(unit);
    event_unref(load(unit->store, ids[2])); /* one from memory */
    ids[4] = 424242;
    ids[5] = ids[0];
    ids[6] = ids[2];
    read_begin(unit->store, &r);
    assert_int_equal(event_load_many(&r, ids, 7, events, &err), 0);
    read_end(&r);
    for (int i = 0; i < 7; i++) {
        if (i == 4)
            assert_null(events[i]);
        else
            assert_int_equal(events[i]->id, ids[i]);
        event_unref(events[i]);
    }
}

static void assert_list(struct store_unit *unit, struct read *r, int64_t place,
                        enum event_direction direction, size_t limit, const int64_t *expected,
                        size_t n)
{
    struct err err = ERR_INIT;
    int64_t *ids;
    size_t n_ids;
    assert_int_equal(
        event_list_room(r, 7, place, direction, limit, unit->arena, &ids, &n_ids, &err), 0);
    assert_int_equal(n_ids, n);
    if (n)
        assert_memory_equal(ids, expected, n * sizeof *ids);
}

static void a_room_lists_by_place(void **state)
{
    struct store_unit *unit = *state;
    struct read old, r;
    int64_t ids[8];
    read_begin(unit->store, &old);
    old.fixed = true;
    for (int i = 0; i < 8; i++) { /* places 1..5, then backfilled 0, -1, -2 */
        int64_t place = i < 5 ? i + 1 : 5 - i;
        CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, place, 50, 0);
        if (i == 2)
            event->flags = EVENT_SOFT_FAILED;
        if (i == 6)
            event->flags = EVENT_REJECTED;
        ids[i] = event->id;
        unit_insert(unit->store, event);
    }
    CLEANUP(event_cleanup) struct event *other = unit_event(unit->store, 8, 2, 50, 0);
    CLEANUP(event_cleanup) struct event *outlier = unit_event(unit->store, 7, 0, 50, 0);
    outlier->flags = EVENT_OUTLIER;
    unit_insert(unit->store, other);
    unit_insert(unit->store, outlier);
    read_begin(unit->store, &r);
    assert_list(unit, &r, 1, EVENT_FORWARD, 10, (int64_t[]){ids[1], ids[3], ids[4]}, 3);
    assert_list(unit, &r, 1, EVENT_FORWARD, 2, (int64_t[]){ids[1], ids[3]}, 2);
    assert_list(unit, &r, 4, EVENT_BACKWARD, 10, (int64_t[]){ids[1], ids[0], ids[5], ids[7]}, 4);
    assert_list(unit, &r, INT64_MIN, EVENT_FORWARD, 1, (int64_t[]){ids[7]}, 1);
    read_end(&r);
    /* A reader whose head is fixed sees nothing after it. */
    assert_list(unit, &old, INT64_MIN, EVENT_FORWARD, 10, NULL, 0);
    read_end(&old);
}

static void the_place_at_a_position(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct read r;
    int64_t pos[40], place;
    for (int i = 0; i < 40; i++) {
        CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, i + 1, 50, 0);
        CLEANUP(event_cleanup) struct event *other = unit_event(unit->store, 8, i + 1, 50, 0);
        CLEANUP(event_cleanup) struct event *back = unit_event(unit->store, 7, -i, 50, 0);
        unit_insert(unit->store, event);
        unit_insert(unit->store, other);
        unit_insert(unit->store, back);
        pos[i] = event->pos;
    }
    read_begin(unit->store, &r);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(event_place_at(&r, 7, pos[i], &place, &err), 0);
        assert_int_equal(place, i + 1);
        assert_int_equal(event_place_at(&r, 7, pos[i] - 1, &place, &err), 0);
        assert_int_equal(place, i);
    }
    assert_int_equal(event_place_at(&r, 7, INT64_MAX, &place, &err), 0);
    assert_int_equal(place, 40);
    assert_int_equal(event_place_at(&r, 9, 10, &place, &err), 0);
    assert_int_equal(place, 0);
    read_end(&r);
}

static const char REDACTED[] = "{\"content\":{},\"sender\":\"@a:x\",\"type\":\"gone\"}";

static int redact(struct write *w, void *arg, struct err *err)
{
    return event_redact(w, arg, str_from(REDACTED), 77, err);
}

static int insert_and_redact(struct write *w, void *arg, struct err *err)
{
    return event_insert(w, arg, err) < 0 ? -1 : redact(w, arg, err);
}

static void assert_redacted(struct store *store, int64_t id)
{
    CLEANUP(event_cleanup) struct event *event = load(store, id);
    assert_str(event->json, str_from(REDACTED));
    assert_str(event->members.type, STR("\"gone\""));
    assert_int_equal(event->flags, EVENT_REDACTED);
    assert_int_equal(event->redacted_by, 77);
}

static void a_redaction_rewrites(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct log_entry *entries;
    struct read r;
    size_t n;
    CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, 1, 50, 0);
    CLEANUP(event_cleanup) struct event *at_once = unit_event(unit->store, 7, 2, 50, 0);
    unit_insert(unit->store, event);
    unit_run(unit->store, redact, event);
    assert_redacted(unit->store, event->id);
    unit_run(unit->store, insert_and_redact, at_once);
    assert_redacted(unit->store, at_once->id);
    read_begin(unit->store, &r);
    assert_int_equal(log_list(&r, 0, 10, unit->arena, &entries, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 4);
    assert_int_equal(entries[1].kind, LOG_KIND_REDACTION);
    assert_int_equal(entries[1].ref, event->id);
    assert_int_equal(entries[1].room, 7);
    store_unit_reopen(unit);
    assert_redacted(unit->store, event->id);
    assert_redacted(unit->store, at_once->id);
}

static int set_flags(struct write *w, void *arg, struct err *err)
{
    return event_set_flags(w, *(int64_t *)arg, EVENT_SOFT_FAILED, err);
}

/* A reader that began before a change may not bring the old row back into memory. */
static void an_old_reader_does_not_fill_the_cache(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct read old;
    struct db_conn *conn;
    CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, 1, 50, 0);
    CLEANUP(event_cleanup) struct event *before = NULL;
    unit_insert(unit->store, event);
    store_unit_reopen(unit);
    read_begin(unit->store, &old);
    assert_int_equal(read_conn(&old, &conn, &err), 0);
    struct log_entry *entries;
    size_t n;
    assert_int_equal(log_list(&old, 0, 1, unit->arena, &entries, &n, &err), 0);
    unit_run(unit->store, set_flags, &event->id);
    assert_int_equal(event_load(&old, event->id, &before, &err), 1);
    assert_int_equal(before->flags, 0);
    read_end(&old);
    CLEANUP(event_cleanup) struct event *after = load(unit->store, event->id);
    assert_int_equal(after->flags, EVENT_SOFT_FAILED);
}

static int wait_for(struct write *w, void *arg, struct err *err)
{
    const struct event *target = arg;
    if (redaction_wait(w, target->hash, 31, err) < 0 ||
        redaction_wait(w, target->hash, 30, err) < 0)
        return -1;
    return redaction_wait(w, target->hash, 31, err);
}

static int wait_over(struct write *w, void *arg, struct err *err)
{
    const struct event *target = arg;
    return redaction_done(w, target->hash, err);
}

static void redactions_wait_for_their_target(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct read r;
    int64_t redaction = 0;
    CLEANUP(event_cleanup) struct event *target = unit_event(unit->store, 7, 1, 50, 0);
    unit_run(unit->store, wait_for, target);
    read_begin(unit->store, &r);
    assert_int_equal(redaction_find(&r, target->hash, &redaction, &err), 1);
    read_end(&r);
    assert_int_equal(redaction, 30);
    unit_run(unit->store, wait_over, target);
    read_begin(unit->store, &r);
    assert_int_equal(redaction_find(&r, target->hash, &redaction, &err), 0);
    read_end(&r);
}

/* An event with a hash that is there already fails, and its neighbours do not. */
static void an_event_is_stored_once(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, 1, 50, 0);
    CLEANUP(event_cleanup) struct event *twin = unit_event(unit->store, 7, 2, 50, 0);
    memcpy(twin->hash, event->hash, EVENT_HASH_BYTES);
    unit_insert(unit->store, event);
    int64_t head = store_head(unit->store).pos;
    assert_int_equal(store_run(unit->store, insert_and_redact, twin, &err), -1);
    assert_int_equal(store_head(unit->store).pos, head);
    assert_null(load(unit->store, twin->id));
}

static void a_member_event_tells_its_user(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct log_entry *entries;
    struct read r;
    size_t n;
    int64_t user = unit_intern(unit->store, "@joins:example.org");
    int64_t type = unit_intern(unit->store, "m.room.member");
    CLEANUP(event_cleanup) struct event *event = unit_event(unit->store, 7, 1, type, user);
    unit_insert(unit->store, event);
    read_begin(unit->store, &r);
    assert_int_equal(log_list_user(&r, user, 0, 10, unit->arena, &entries, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 1);
    assert_int_equal(entries[0].ref, event->id);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(members_are_found),
    cmocka_unit_test(what_is_no_pdu_is_refused),
    store_unit_test(an_event_comes_back_whole),
    store_unit_test(many_load_in_order),
    store_unit_test(a_room_lists_by_place),
    store_unit_test(the_place_at_a_position),
    store_unit_test(a_redaction_rewrites),
    store_unit_test(an_old_reader_does_not_fill_the_cache),
    store_unit_test(redactions_wait_for_their_target),
    store_unit_test(an_event_is_stored_once),
    store_unit_test(a_member_event_tells_its_user),
};
STORE_UNIT_MAIN(tests)
