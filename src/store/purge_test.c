/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/purge.h"

#include <stddef.h>
#include <string.h>

#include "store/hold.h"
#include "store/log.h"
#include "store/membership.h"
#include "store/store_unit.h"
#include "store/txn.h"

/* A room of messages, and one job that purges some of them. */

#define ROOM 7

static struct event *put(struct store_unit *unit, int64_t place, int64_t state_key)
{
    struct event *event = unit_event(unit->store, ROOM, place, 50, state_key);
    if (!state_key && place == 1)
        event_set_transaction(event, 5, STR("t"));
    unit_insert(unit->store, event);
    return event;
}

static struct purge_event opened(struct store_unit *unit, const struct event *event, bool leave)
{
    struct purge_event purged = {.stub = STR_NONE};
    struct err err = ERR_INIT;
    memcpy(&purged.event, event, offsetof(struct event, refs));
    purged.event.json = arena_str(unit->arena, event->json);
    assert_int_equal(event_find_members(purged.event.json, &purged.event.members), 0);
    /* Its room's id is of no version: what a job looks at is put together by hand. */
    assert_int_equal(json_parse(unit->arena, purged.event.json, &purged.pdu.doc, &err), 0);
    purged.pdu.version = room_version_default();
    purged.pdu.content = json_find(purged.pdu.doc, STR("content"));
    if (leave)
        assert_int_equal(
            pdu_redact(unit->arena, room_version_default(), purged.pdu.doc, &purged.stub, &err), 0);
    return purged;
}

static int write_purge(struct write *w, void *arg, struct err *err)
{
    return purge_write(w, arg, err);
}

static int load(struct store_unit *unit, int64_t id, struct event **ret_event)
{
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int found = event_load(&r, id, ret_event, &err);
    read_end(&r);
    assert_true(found >= 0);
    return found;
}

static struct log_entry entry_at(struct store_unit *unit, int64_t pos)
{
    struct err err = ERR_INIT;
    struct log_entry *entries;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    assert_int_equal(log_list(&r, pos - 1, 1, unit->arena, &entries, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 1);
    assert_int_equal(entries[0].pos, pos);
    return entries[0];
}

static int write_txn(struct write *w, void *arg, struct err *err)
{
    const struct event *event = arg;
    return txn_insert(w, 5, ROOM, STR("t"), event->id, err);
}

static int find_txn(struct store_unit *unit)
{
    struct err err = ERR_INIT;
    struct read r;
    int64_t event;
    read_begin(unit->store, &r);
    int found = txn_find(&r, 5, ROOM, STR("t"), &event, &err);
    read_end(&r);
    return found;
}

static void what_is_purged_leaves_a_position_that_says_nothing(void **state)
{
    struct store_unit *unit = *state;
    CLEANUP(event_cleanup) struct event *first = put(unit, 1, 0);
    CLEANUP(event_cleanup) struct event *last = put(unit, 2, 0);
    CLEANUP(event_cleanup) struct event *found = NULL;
    struct purge_event events[] = {opened(unit, first, false)};
    struct purge purge = {ROOM, STR("x"), events, 1};
    unit_run(unit->store, write_txn, first);
    int64_t before = store_head(unit->store).pos;
    unit_run(unit->store, write_purge, &purge);
    assert_int_equal(store_head(unit->store).pos, before + 1);
    struct log_entry told = entry_at(unit, before + 1), was = entry_at(unit, first->pos);
    assert_int_equal(told.kind, LOG_KIND_PURGE);
    assert_int_equal(told.room, ROOM);
    assert_int_equal(was.kind, LOG_KIND_PURGE);
    assert_int_equal(was.room | was.user | was.ref, 0);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(load(unit, first->id, &found), 0);
        assert_int_equal(load(unit, last->id, &found), 1);
        event_unref(found);
        found = NULL;
        assert_int_equal(find_txn(unit), 0);
        store_unit_reopen(unit); /* the second time from the rows */
    }
    unit_run(unit->store, write_purge, &purge); /* again: nothing is left to go */
    assert_int_equal(load(unit, first->id, &found), 0);
}

static void a_stub_keeps_what_the_graph_needs(void **state)
{
    struct store_unit *unit = *state;
    CLEANUP(event_cleanup) struct event *event = put(unit, 1, 0);
    CLEANUP(event_cleanup) struct event *stub = NULL;
    struct purge_event events[] = {opened(unit, event, true)};
    struct purge purge = {ROOM, STR("x"), events, 1};
    unit_run(unit->store, write_purge, &purge);
    assert_int_equal(load(unit, event->id, &stub), 1);
    assert_int_equal(stub->flags, EVENT_REDACTED | EVENT_PURGED);
    assert_str(stub->members.content, STR("{}"));
    assert_memory_equal(stub->hash, event->hash, EVENT_HASH_BYTES);
    /* By which its transaction is found, when it goes too. */
    assert_str(stub->txn, STR("t"));
    assert_int_equal(entry_at(unit, event->pos).kind, LOG_KIND_EVENT);
}

static void marks_are_messages_by_time(void **state)
{
    struct store_unit *unit = *state;
    CLEANUP(event_cleanup) struct event *first = put(unit, 1, 0);
    CLEANUP(event_cleanup) struct event *topic = put(unit, 2, 60);
    CLEANUP(event_cleanup) struct event *second = put(unit, 3, 0);
    struct err err = ERR_INIT;
    struct purge_mark *marks;
    struct read r;
    size_t n;
    read_begin(unit->store, &r);
    assert_int_equal(purge_list(&r, ROOM, INT64_MIN, 10, unit->arena, &marks, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(marks[0].id, first->id);
    assert_int_equal(marks[1].id, second->id);
    assert_int_equal(marks[1].ts, second->origin_server_ts);
    assert_int_equal(marks[1].place, 3);
    assert_int_equal(
        purge_list(&r, ROOM, topic->origin_server_ts, 10, unit->arena, &marks, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(purge_list(&r, ROOM, INT64_MIN, 1, unit->arena, &marks, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(purge_list(&r, ROOM + 1, INT64_MIN, 10, unit->arena, &marks, &n, &err), 0);
    assert_int_equal(n, 0);
    read_end(&r);
}

/* ---- holds ---- */

static int write_hold(struct write *w, void *arg, struct err *err)
{
    return hold_insert(w, arg, err);
}

static int write_release(struct write *w, void *arg, struct err *err)
{
    const struct hold *hold = arg;
    return hold_delete(w, hold->target, err);
}

static int write_member(struct write *w, void *arg, struct err *err)
{
    return membership_put(w, arg, err);
}

static void nothing_of_a_held_room_goes(void **state)
{
    struct store_unit *unit = *state;
    CLEANUP(event_cleanup) struct event *event = put(unit, 1, 0);
    CLEANUP(event_cleanup) struct event *found = NULL;
    struct purge_event events[] = {opened(unit, event, false)};
    struct purge purge = {ROOM, STR("x"), events, 1};
    struct hold hold = {ROOM, 1, STR("dossier 12")};
    struct hold *holds;
    struct err err = ERR_INIT;
    struct read r;
    size_t n;
    unit_run(unit->store, write_hold, &hold);
    assert_int_equal(store_run(unit->store, write_hold, &hold, &err), -1);
    assert_int_equal(err.status, 409);
    assert_int_equal(store_run(unit->store, write_purge, &purge, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    assert_int_equal(load(unit, event->id, &found), 1);
    event_unref(found);
    found = NULL;
    read_begin(unit->store, &r);
    assert_int_equal(hold_covers(&r, ROOM, &err), 1);
    assert_int_equal(hold_covers(&r, ROOM + 1, &err), 0);
    assert_int_equal(hold_list(&r, unit->arena, &holds, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 1);
    assert_str(holds[0].reason, STR("dossier 12"));
    unit_run(unit->store, write_release, &hold);
    assert_int_equal(store_run(unit->store, write_release, &hold, &err), -1);
    assert_int_equal(err.status, 404);
    unit_run(unit->store, write_purge, &purge);
    assert_int_equal(load(unit, event->id, &found), 0);
}

static void a_held_account_holds_the_rooms_it_has_left(void **state)
{
    struct store_unit *unit = *state;
    struct membership_row member = {
        .user = unit_intern(unit->store, "@a:x"), .room = ROOM, .kind = MEMBERSHIP_LEAVE};
    struct hold hold = {member.user, 1, STR("")};
    struct err err = ERR_INIT;
    struct read r;
    unit_run(unit->store, write_member, &member);
    unit_run(unit->store, write_hold, &hold);
    read_begin(unit->store, &r);
    assert_int_equal(hold_covers(&r, ROOM, &err), 1);
    assert_int_equal(hold_covers(&r, ROOM + 1, &err), 0);
    read_end(&r);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(what_is_purged_leaves_a_position_that_says_nothing),
    store_unit_test(a_stub_keeps_what_the_graph_needs),
    store_unit_test(marks_are_messages_by_time),
    store_unit_test(nothing_of_a_held_room_goes),
    store_unit_test(a_held_account_holds_the_rooms_it_has_left),
};
STORE_UNIT_MAIN(tests)
