/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/device_list.h"

#include "store/device_key.h"
#include "store/membership.h"
#include "store/room.h"
#include "store/store_unit.h"
#include <stdio.h>

/* What one job does, in this order. */
struct step {
    int64_t room, user, what; /* a turn of a room; room 0: the user's keys change */
    enum membership membership;
};

static int run_step(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    struct membership_row row = {.user = step->user, .room = step->room, .kind = step->membership};
    int64_t pos;
    if (!step->room)
        return device_list_changed(w, step->user, 7, err);
    /* The position of the membership event, before that of the device list. */
    if (write_position(w, LOG_KIND_EVENT, step->room, step->user, 0, &pos, err) < 0)
        return -1;
    row.pos = pos;
    if (step->membership && membership_put(w, &row, err) < 0)
        return -1;
    return step->what ? device_list_room_changed(w, step->room, step->user, step->what, err) : 0;
}

static void do_step(struct store_unit *unit, struct step step)
{
    unit_run(unit->store, run_step, &step);
}

static int insert_room(struct write *w, void *arg, struct err *err)
{
    return room_insert(w, arg, err);
}

static int64_t new_room(struct store_unit *unit, const char *name, int64_t flags)
{
    struct room_row row = {.id = unit_intern(unit->store, name), .head = 1, .flags = flags};
    unit_run(unit->store, insert_room, &row);
    return row.id;
}

static void join(struct store_unit *unit, int64_t room, int64_t user)
{
    do_step(unit, (struct step){room, user, DEVICE_LIST_JOINED, MEMBERSHIP_JOIN});
}

static void leave(struct store_unit *unit, int64_t room, int64_t user)
{
    do_step(unit, (struct step){room, user, DEVICE_LIST_LEFT, MEMBERSHIP_LEAVE});
}

static void change_keys(struct store_unit *unit, int64_t user)
{
    do_step(unit, (struct step){.user = user});
}

/* Far from the head, so that both ways of reading are seen. */
static int fill_log(struct write *w, void *arg, struct err *err)
{
    int64_t pos;
    (void)arg;
    for (int i = 0; i < 600; i++)
        if (write_position(w, LOG_KIND_RECEIPT, 0, 0, 0, &pos, err) < 0)
            return -1;
    return 0;
}

static int64_t head(struct store_unit *unit)
{
    return store_head(unit->store).pos;
}

static void assert_ids(const int64_t *ids, size_t n, const int64_t *wanted)
{
    size_t n_wanted = 0;
    while (wanted[n_wanted])
        n_wanted++;
    assert_int_equal(n, n_wanted);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ids[i], wanted[i]);
}

static void see(struct store_unit *unit, int64_t reader, int64_t after, int64_t upto,
                const int64_t *changed, const int64_t *left)
{
    struct device_list_changes changes;
    struct err err = ERR_INIT;
    struct read r;
    read_begin(unit->store, &r);
    int status = device_list_changes(&r, reader, after, upto, unit->arena, &changes, &err);
    read_end(&r);
    assert_int_equal(status, 0);
    assert_ids(changes.changed, changes.n_changed, changed);
    assert_ids(changes.left, changes.n_left, left);
}

#define IDS(...) ((const int64_t[]){__VA_ARGS__}) /* ends with 0 */

/* By the window, and then by the rooms. */
#define SEE(unit, reader, after, changed, left)                                                    \
    do {                                                                                           \
        int64_t upto_ = head(unit);                                                                \
        see(unit, reader, after, upto_, changed, left);                                            \
        unit_run((unit)->store, fill_log, NULL);                                                   \
        see(unit, reader, after, head(unit), changed, left);                                       \
    } while (0)

struct people {
    int64_t alice, bob, carol, stranger; /* ids ascend */
};

static struct people make_people(struct store_unit *unit)
{
    return (struct people){
        unit_intern(unit->store, "@alice:x"),
        unit_intern(unit->store, "@bob:x"),
        unit_intern(unit->store, "@carol:x"),
        unit_intern(unit->store, "@stranger:x"),
    };
}

static void a_change_is_told_to_who_shares_an_encrypted_room(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t secret = new_room(unit, "!secret", ROOM_ENCRYPTED), clear = new_room(unit, "!clear", 0);
    join(unit, secret, p.alice);
    join(unit, secret, p.bob);
    do_step(unit, (struct step){clear, p.stranger, 0, MEMBERSHIP_JOIN});
    do_step(unit, (struct step){clear, p.bob, 0, MEMBERSHIP_JOIN});
    int64_t after = head(unit);
    see(unit, p.alice, after, after, IDS(0), IDS(0));
    change_keys(unit, p.bob);
    SEE(unit, p.alice, after, IDS(p.bob, 0), IDS(0));
    SEE(unit, p.bob, after, IDS(p.bob, 0), IDS(0));
    SEE(unit, p.stranger, after, IDS(0), IDS(0));
    see(unit, p.alice, head(unit) - 1, head(unit), IDS(0), IDS(0));
}

static int64_t count_log(struct store_unit *unit, int64_t after)
{
    return head(unit) - after;
}

static void a_change_is_one_row_a_room_whoever_is_in_it(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t one = new_room(unit, "!1", ROOM_ENCRYPTED), two = new_room(unit, "!2", ROOM_ENCRYPTED);
    int64_t forum = new_room(unit, "!forum", ROOM_PUBLIC | ROOM_WORLD_READABLE);
    join(unit, one, p.alice);
    join(unit, two, p.alice);
    do_step(unit, (struct step){forum, p.alice, 0, MEMBERSHIP_JOIN});
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "@u%d:x", i);
        join(unit, one, unit_intern(unit->store, name));
    }
    int64_t after = head(unit);
    change_keys(unit, p.alice);
    assert_int_equal(count_log(unit, after), 3);
}

static void who_joins_learns_of_all_and_all_of_him(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED);
    join(unit, room, p.alice);
    join(unit, room, p.bob);
    int64_t after = head(unit);
    join(unit, room, p.carol);
    SEE(unit, p.carol, after, IDS(p.alice, p.bob, 0), IDS(0));
    SEE(unit, p.alice, after, IDS(p.carol, 0), IDS(0));
    SEE(unit, p.stranger, after, IDS(0), IDS(0));
}

static void who_leaves_is_left_unless_another_room_is_shared(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED),
            other = new_room(unit, "!o", ROOM_ENCRYPTED);
    join(unit, room, p.alice);
    join(unit, room, p.bob);
    join(unit, room, p.carol);
    join(unit, other, p.alice);
    join(unit, other, p.carol);
    int64_t after = head(unit);
    leave(unit, room, p.bob);
    SEE(unit, p.alice, after, IDS(0), IDS(p.bob, 0));
    SEE(unit, p.bob, after, IDS(0), IDS(p.alice, p.carol, 0));
    after = head(unit);
    leave(unit, room, p.carol);
    SEE(unit, p.alice, after, IDS(0), IDS(0));
    change_keys(unit, p.carol);
    SEE(unit, p.alice, after, IDS(p.carol, 0), IDS(0));
}

static void changed_and_then_gone_is_left(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED);
    join(unit, room, p.alice);
    join(unit, room, p.bob);
    int64_t after = head(unit);
    change_keys(unit, p.bob);
    leave(unit, room, p.bob);
    SEE(unit, p.alice, after, IDS(0), IDS(p.bob, 0));
    join(unit, room, p.bob);
    SEE(unit, p.alice, after, IDS(p.bob, 0), IDS(0));
}

/* Those who joined after a reader had left are none of his business. */
static void who_has_left_learns_no_new_names(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED);
    join(unit, room, p.alice);
    join(unit, room, p.bob);
    int64_t after = head(unit);
    leave(unit, room, p.bob);
    join(unit, room, p.stranger);
    SEE(unit, p.bob, after, IDS(0), IDS(p.alice, 0));
}

static void a_room_that_becomes_encrypted_is_shared_from_then_on(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED);
    do_step(unit, (struct step){room, p.alice, 0, MEMBERSHIP_JOIN});
    do_step(unit, (struct step){room, p.bob, 0, MEMBERSHIP_JOIN});
    int64_t after = head(unit);
    do_step(unit, (struct step){room, 0, DEVICE_LIST_ENCRYPTED, 0});
    SEE(unit, p.alice, after, IDS(p.bob, 0), IDS(0));
    SEE(unit, p.bob, after, IDS(p.alice, 0), IDS(0));
}

static int sign(struct write *w, void *arg, struct err *err)
{
    const struct people *p = arg;
    return device_list_signed(w, p->alice, p->bob, err);
}

static void a_signature_on_another_is_told_to_its_signer_alone(void **state)
{
    struct store_unit *unit = *state;
    struct people p = make_people(unit);
    int64_t room = new_room(unit, "!r", ROOM_ENCRYPTED);
    join(unit, room, p.alice);
    join(unit, room, p.carol);
    int64_t after = head(unit);
    unit_run(unit->store, sign, &p);
    SEE(unit, p.alice, after, IDS(p.bob, 0), IDS(0));
    SEE(unit, p.carol, after, IDS(0), IDS(0));
    SEE(unit, p.bob, after, IDS(0), IDS(0));
}

static const struct CMUnitTest tests[] = {
    store_unit_test(a_change_is_told_to_who_shares_an_encrypted_room),
    store_unit_test(a_change_is_one_row_a_room_whoever_is_in_it),
    store_unit_test(who_joins_learns_of_all_and_all_of_him),
    store_unit_test(who_leaves_is_left_unless_another_room_is_shared),
    store_unit_test(changed_and_then_gone_is_left),
    store_unit_test(who_has_left_learns_no_new_names),
    store_unit_test(a_room_that_becomes_encrypted_is_shared_from_then_on),
    store_unit_test(a_signature_on_another_is_told_to_its_signer_alone),
};
STORE_UNIT_MAIN(tests)
