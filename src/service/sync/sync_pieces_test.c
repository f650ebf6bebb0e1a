/* SPDX-License-Identifier: EUPL-1.2 */

/* A sync stays that of its head: what its user was in a room then counts, and not what the snapshot
 * says when a piece of the answer is written later. */

#include <stdio.h>

#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"
#include "service/sync/sync_private.h"

#define ID_CHARS 64

struct scene {
    struct service_unit *unit;
    struct caller alice;
};

static void check_status(int status, const struct use *use)
{
    if (status < 0)
        fail_msg("%s %s", use->err.text, use->err.detail);
}

static int64_t create(struct scene *scene, char ret_id[ID_CHARS])
{
    const struct new_room plain = {.preset = STR("public_chat")};
    struct str id;
    struct use use;
    int64_t room;
    unit_use_begin(scene->unit, &scene->alice, &use);
    check_status(rooms_create(&use, &plain, &id), &use);
    snprintf(ret_id, ID_CHARS, "%.*s", STR_ARG(id));
    unit_use_end(&use);
    unit_use_begin(scene->unit, &scene->alice, &use);
    assert_int_equal(rooms_find(&use, str_from(ret_id), &room), 1);
    unit_use_end(&use);
    return room;
}

static void leave(struct scene *scene, int64_t room)
{
    struct use use;
    unit_use_begin(scene->unit, &scene->alice, &use);
    check_status(rooms_leave(&use, room, STR_NONE), &use);
    unit_use_end(&use);
}

static void change_name(struct scene *scene, const char *room_id)
{
    struct sending sending = {.room_id = str_from(room_id),
                              .type = STR("m.room.member"),
                              .state_key = scene->alice.user_id};
    struct str id;
    struct use use;
    unit_use_begin(scene->unit, &scene->alice, &use);
    assert_int_equal(json_parse(use.arena, STR("{\"displayname\":\"B\",\"membership\":\"join\"}"),
                                &sending.content, &use.err),
                     0);
    check_status(rooms_send(&use, &sending, &id), &use);
    unit_use_end(&use);
}

static const struct membership_row *row_of(const struct membership_row *rows, size_t n,
                                           int64_t room)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].room == room)
            return &rows[i];
    return NULL;
}

static void a_user_is_in_their_rooms_what_they_were_at_the_head(void **state)
{
    struct scene scene = {.unit = *state};
    struct membership_row before, *rows;
    struct sync_request request = {0};
    char renamed_id[ID_CHARS], left_id[ID_CHARS], later_id[ID_CHARS];
    struct use use;
    size_t n;
    scene.alice = unit_account(scene.unit, "@a:x");
    int64_t renamed = create(&scene, renamed_id), left = create(&scene, left_id);
    unit_use_begin(scene.unit, &scene.alice, &use);
    struct log_position head = use.read.head;
    assert_int_equal(membership_load(&use.read, scene.alice.user, renamed, &before, &use.err), 1);
    unit_use_end(&use);
    change_name(&scene, renamed_id);
    leave(&scene, left);
    int64_t later = create(&scene, later_id);

    unit_use_begin(scene.unit, &scene.alice, &use);
    use.read.head = head;
    use.read.fixed = true;
    struct sync sync = {.use = &use, .request = &request, .initial = true};
    check_status(sync_load_rooms(&sync, &rows, &n), &use);
    const struct membership_row *row = row_of(rows, n, renamed);
    assert_int_equal(row->kind, MEMBERSHIP_JOIN);
    assert_int_equal(row->event, before.event);
    assert_int_equal(row->pos, before.pos);
    assert_true(sync_wants_room(&sync, row));
    assert_int_equal(row_of(rows, n, left)->kind, MEMBERSHIP_JOIN);
    assert_false(sync_wants_room(&sync, row_of(rows, n, later)));

    struct sync_room room;
    assert_int_equal(sync_room_open(&sync, row_of(rows, n, left), 0, &room), 1);
    assert_int_equal(room.view.membership, MEMBERSHIP_JOIN);
    assert_true(room.end_place < room.view.row.last_place);
    unit_use_end(&use);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(a_user_is_in_their_rooms_what_they_were_at_the_head),
};
SERVICE_UNIT_MAIN(tests)
