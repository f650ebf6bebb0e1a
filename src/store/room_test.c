/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/room.h"

#include <string.h>

#include "store/membership.h"
#include "store/store_unit.h"
#include "store/txn.h"

/* ---- rooms ---- */

static const struct room_row ROOM = {1001, 2, 3, 4, 5, 6, 7, -8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

static int insert_room(struct write *w, void *arg, struct err *err)
{
    return room_insert(w, arg, err);
}

struct update {
    struct room_row row;
    struct room_was was;
};

static int update_room(struct write *w, void *arg, struct err *err)
{
    const struct update *update = arg;
    return room_update(w, &update->row, update->was, err);
}

static struct room_row load_room(struct store *store, int64_t id, int expected)
{
    struct err err = ERR_INIT;
    struct room_row row = {0};
    struct read r;
    read_begin(store, &r);
    assert_int_equal(room_load(&r, id, &row, &err), expected);
    read_end(&r);
    return row;
}

static void a_room_moves_on_its_head(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct room_row row = ROOM;
    unit_run(unit->store, insert_room, &row);
    struct room_row back = load_room(unit->store, ROOM.id, 1);
    assert_memory_equal(&back, &ROOM, sizeof back);
    load_room(unit->store, 7777, 0);

    struct update update = {ROOM, {ROOM.head, ROOM.flags}};
    update.row.head = 50;
    update.row.last_place = 10;
    update.row.notices = 18;
    unit_run(unit->store, update_room, &update);
    back = load_room(unit->store, ROOM.id, 1);
    assert_memory_equal(&back, &update.row, sizeof back);
    update.was.head = 50;
    update.row.head = 51;
    update.row.flags ^= ROOM_PUBLIC;
    unit_run(unit->store, update_room, &update);
    back = load_room(unit->store, update.row.id, 1);
    assert_memory_equal(&back, &update.row, sizeof back);

    /* Decided on a head that is not the room's any more. */
    assert_int_equal(store_run(unit->store, update_room, &update, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    update.row.id = 7777;
    update.was.head = 51;
    assert_int_equal(store_run(unit->store, update_room, &update, &err), -1);
}

static void rooms_are_listed(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct room_row row = ROOM, *rows;
    struct read r;
    size_t n;
    for (int i = 0; i < 5; i++, row.id += 10)
        unit_run(unit->store, insert_room, &row);
    read_begin(unit->store, &r);
    assert_int_equal(room_list(&r, 1001, 2, unit->arena, &rows, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].id, 1011);
    assert_int_equal(rows[1].id, 1021);
}

static void open_rooms_are_listed(void **state)
{
    static const int64_t flags[] = {0, ROOM_PUBLIC, ROOM_ENCRYPTED, ROOM_WORLD_READABLE,
                                    ROOM_PUBLIC | ROOM_GONE};
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct room_row row = ROOM;
    int64_t *rooms;
    struct read r;
    size_t n;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++, row.id += 10) {
        row.flags = flags[i];
        unit_run(unit->store, insert_room, &row);
    }
    read_begin(unit->store, &r);
    assert_int_equal(room_list_open(&r, 2, unit->arena, &rooms, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(rooms[0], 1041);
    assert_int_equal(rooms[1], 1031);
    assert_int_equal(room_list_open(&r, 9, unit->arena, &rooms, &n, &err), 0);
    read_end(&r);
    assert_int_equal(n, 3);
    assert_int_equal(rooms[2], 1011);
}

/* ---- extremities ---- */

struct change {
    int64_t gone[2], added[2];
    size_t n_gone, n_added;
};

static int change_extremities(struct write *w, void *arg, struct err *err)
{
    const struct change *change = arg;
    return extremity_change(w, 7, change->gone, change->n_gone, change->added, change->n_added,
                            err);
}

static void extremities_change(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct change changes[] = {
        {.added = {31, 30}, .n_added = 2},
        {.gone = {30, 99}, .n_gone = 2, .added = {31, 32}, .n_added = 2},
    };
    int64_t *events;
    size_t n;
    bool kept;
    struct read r;
    read_begin(unit->store, &r);
    assert_int_equal(extremity_list(&r, 7, unit->arena, &events, &n, &kept, &err), 0);
    read_end(&r);
    assert_int_equal(n, 0);
    assert_false(kept);
    for (int i = 0; i < 2; i++)
        unit_run(unit->store, change_extremities, &changes[i]);
    read_begin(unit->store, &r);
    assert_int_equal(extremity_list(&r, 7, unit->arena, &events, &n, &kept, &err), 0);
    read_end(&r);
    assert_true(kept);
    assert_int_equal(n, 2);
    assert_int_equal(events[0], 31);
    assert_int_equal(events[1], 32);
}

/* ---- memberships ---- */

static int put(struct write *w, void *arg, struct err *err)
{
    const struct membership_row *rows = arg;
    for (size_t i = 0; rows[i].user; i++)
        if (membership_put(w, &rows[i], err) < 0)
            return -1;
    return 0;
}

static int forget(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return membership_forget(w, 1, 70, err);
}

static void memberships_are_found_both_ways(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct membership_row rows[] = {
        {1, 70, MEMBERSHIP_INVITE, 500, 9, 1, MEMBERSHIP_LOCAL},
        {1, 70, MEMBERSHIP_LEAVE, 501, 1, 2, MEMBERSHIP_LOCAL},
        {1, 71, MEMBERSHIP_JOIN, 502, 1, 3, 0},
        {1, 72, MEMBERSHIP_JOIN, 503, 1, 4, 0},
        {2, 71, MEMBERSHIP_JOIN, 504, 2, 5, 0},
        {2, 72, MEMBERSHIP_INVITE, 505, 1, 6, 0},
        {3, 71, MEMBERSHIP_JOIN, 506, 3, 7, 0},
        {0},
    };
    struct membership_row row, *found;
    struct read r;
    int64_t *rooms;
    size_t n;
    unit_run(unit->store, put, rows);
    unit_run(unit->store, forget, NULL);
    read_begin(unit->store, &r);
    assert_int_equal(membership_load(&r, 1, 70, &row, &err), 1);
    assert_int_equal(row.kind, MEMBERSHIP_LEAVE);
    assert_int_equal(row.event, 501);
    assert_int_equal(row.pos, 2);
    assert_int_equal(row.flags, MEMBERSHIP_LOCAL | MEMBERSHIP_FORGOTTEN);
    assert_int_equal(membership_load(&r, 3, 70, &row, &err), 0);

    assert_int_equal(membership_list_rooms(&r, 1, MEMBERSHIP_BIT(MEMBERSHIP_JOIN), unit->arena,
                                           &found, &n, &err),
                     0);
    assert_int_equal(n, 2);
    assert_int_equal(found[0].room, 71);
    assert_int_equal(found[1].room, 72);
    assert_int_equal(membership_list_rooms(&r, 1, MEMBERSHIP_ANY, unit->arena, &found, &n, &err),
                     0);
    assert_int_equal(n, 3);

    assert_int_equal(
        membership_list_users(&r, 71, MEMBERSHIP_JOIN, 1, 10, unit->arena, &found, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(found[0].user, 2);
    assert_int_equal(found[1].user, 3);
    assert_int_equal(
        membership_list_users(&r, 71, MEMBERSHIP_JOIN, 0, 1, unit->arena, &found, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(found[0].user, 1);

    assert_int_equal(membership_list_shared(&r, 1, 2, unit->arena, &rooms, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rooms[0], 71);
    read_end(&r);
}

/* ---- transaction ids ---- */

struct sent {
    struct str txn;
    int64_t event;
};

static int insert_txn(struct write *w, void *arg, struct err *err)
{
    const struct sent *sent = arg;
    return txn_insert(w, 5, 70, sent->txn, sent->event, err);
}

static int delete_device(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return txn_delete_device(w, 5, err);
}

static void a_transaction_id_counts_once(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    CLEANUP(event_cleanup) struct event *message = unit_event(unit->store, 70, 1, 50, 0);
    struct str txn = STR("m\0.1");
    struct sent sent = {txn, message->id};
    int64_t event = 0;
    struct read r;
    unit_insert(unit->store, message);
    unit_run(unit->store, insert_txn, &sent);
    assert_int_equal(store_run(unit->store, insert_txn, &sent, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    store_unit_reopen(unit);
    read_begin(unit->store, &r);
    assert_int_equal(txn_find(&r, 5, 70, txn, &event, &err), 1);
    assert_int_equal(event, message->id);
    assert_int_equal(txn_find(&r, 5, 71, txn, &event, &err), 0);
    assert_int_equal(txn_find(&r, 6, 70, txn, &event, &err), 0);
    assert_int_equal(txn_find(&r, 5, 70, STR("m"), &event, &err), 0);
    read_end(&r);
    unit_run(unit->store, delete_device, NULL);
    read_begin(unit->store, &r);
    assert_int_equal(txn_find(&r, 5, 70, txn, &event, &err), 0);
    read_end(&r);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_room_moves_on_its_head),        store_unit_test(rooms_are_listed),
    store_unit_test(open_rooms_are_listed),           store_unit_test(extremities_change),
    store_unit_test(memberships_are_found_both_ways), store_unit_test(a_transaction_id_counts_once),
};
STORE_UNIT_MAIN(tests)
