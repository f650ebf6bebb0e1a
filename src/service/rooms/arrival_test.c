/* SPDX-License-Identifier: EUPL-1.2 */

/* Invitations by address: those whose address has an account now, and those that expired. */

#include "service/rooms/arrival.h"

#include <string.h>

#include "base/limits.h"
#include "service/identity/inviting.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/send.h"
#include "service/service_unit.h"

#define TOKEN "token"

struct scene {
    struct service_unit *unit;
    struct caller alice, bob;
    int64_t room;
    char room_id[128];
};

static void offer(struct scene *scene, struct use *use)
{
    struct sending sending = {.room_id = str_from(scene->room_id),
                              .type = STR("m.room.third_party_invite"),
                              .state_key = STR(TOKEN)};
    struct str id;
    assert_int_equal(json_parse(use->arena,
                                STR("{\"display_name\":\"b...@p...\",\"key_validity_url\":\"u\","
                                    "\"public_key\":\"an older one\"}"),
                                &sending.content, &use->err),
                     0);
    assert_int_equal(rooms_send(use, &sending, &id), 0);
}

/* Alice's room, with an offer that an older key was to sign for. */
static void scene_init(struct scene *scene, struct service_unit *unit)
{
    const struct new_room plain = {.preset = STR("private_chat")};
    struct use use;
    struct str id;
    *scene = (struct scene){.unit = unit};
    scene->alice = unit_account(unit, "@alice:x");
    scene->bob = unit_account(unit, "@bob:x");
    unit_use_begin(unit, &scene->alice, &use);
    assert_int_equal(rooms_create(&use, &plain, &id), 0);
    assert_true(id.n < sizeof scene->room_id);
    memcpy(scene->room_id, id.p, id.n);
    unit_use_end(&use);
    unit_use_begin(unit, &scene->alice, &use);
    assert_int_equal(rooms_find(&use, str_from(scene->room_id), &scene->room), 1);
    offer(scene, &use);
    unit_use_end(&use);
}

struct row {
    struct invitation invitation;
    int64_t taken_by;
};

static int write_row(struct write *w, void *arg, struct err *err)
{
    const struct row *row = arg;
    if (invitation_insert(w, &row->invitation, err) < 0)
        return -1;
    return row->taken_by
               ? (invitation_take(w, &row->invitation.email, row->taken_by, err) == 1 ? 0 : -1)
               : 0;
}

static void store_row(struct scene *scene, int64_t expires_ms, int64_t taken_by)
{
    struct use use;
    struct row row = {.taken_by = taken_by};
    unit_use_begin(scene->unit, &scene->alice, &use);
    assert_int_equal(email_parse(use.arena, STR("bob@p.example"), &row.invitation.email, &use.err),
                     0);
    row.invitation.id = store_new_id(scene->unit->server->store);
    row.invitation.room = scene->room;
    row.invitation.inviter = scene->alice.user;
    row.invitation.token = STR(TOKEN);
    row.invitation.expires_ms = expires_ms;
    assert_int_equal(use_commit(&use, write_row, NULL, &row), 0);
    unit_use_end(&use);
}

/* What the store and the room say in the end. */
static void assert_scene(struct scene *scene, enum invitation_state state, enum membership of_bob,
                         bool offered)
{
    struct invitation invitation;
    const struct pdu *pdu;
    struct room *room;
    struct use use;
    int64_t token;
    unit_use_begin(scene->unit, &scene->alice, &use);
    assert_int_equal(invitation_find(&use.read, STR(TOKEN), use.arena, &invitation, &use.err), 1);
    assert_int_equal(invitation.state, state);
    assert_int_equal(store_find_name(use.server->store, STR(TOKEN), &token, &use.err), 1);
    assert_int_equal(room_enter(&use, scene->room, &room), 0);
    assert_int_equal(room_membership(room, scene->bob.user), of_bob);
    assert_int_equal(
        room_state_pdu(&use, room, rooms_names(use.server)->third_party_invite, token, &pdu), 1);
    assert_int_equal(pdu->content->object.n > 0, offered);
    if (of_bob == MEMBERSHIP_INVITE)
        assert_str(json_find_str(pdu->content, STR("public_key")),
                   identity_public_key(use.server, use.arena));
    room_leave(room);
    unit_use_end(&use);
    unit_check_store(scene->unit);
}

static void a_new_key_is_named_before_it_signs(void **state)
{
    struct scene scene;
    scene_init(&scene, *state);
    store_row(&scene, INT64_MAX, scene.bob.user);
    rooms_take_in(scene.unit->server);
    assert_scene(&scene, INVITATION_DONE, MEMBERSHIP_INVITE, true);
}

static void what_was_taken_is_found_after_a_restart(void **state)
{
    struct scene scene;
    scene_init(&scene, *state);
    store_row(&scene, INT64_MAX, scene.bob.user);
    service_unit_reopen(scene.unit);
    rooms_take_in(scene.unit->server);
    assert_scene(&scene, INVITATION_DONE, MEMBERSHIP_INVITE, true);
}

static void who_left_invites_nobody(void **state)
{
    struct scene scene;
    struct use use;
    scene_init(&scene, *state);
    store_row(&scene, INT64_MAX, scene.bob.user);
    unit_use_begin(scene.unit, &scene.alice, &use);
    assert_int_equal(rooms_leave(&use, scene.room, STR_NONE), 0);
    unit_use_end(&use);
    rooms_take_in(scene.unit->server);
    assert_scene(&scene, INVITATION_DONE, MEMBERSHIP_NONE, true);
}

static void what_expired_is_taken_back_in_its_room(void **state)
{
    struct scene scene;
    scene_init(&scene, *state);
    store_row(&scene, 1, 0);
    rooms_take_back(scene.unit->server);
    assert_scene(&scene, INVITATION_REVOKED, MEMBERSHIP_NONE, false);
}

static void what_waits_is_let_be(void **state)
{
    struct scene scene;
    scene_init(&scene, *state);
    store_row(&scene, INT64_MAX, 0);
    rooms_take_back(scene.unit->server);
    rooms_take_in(scene.unit->server);
    assert_scene(&scene, INVITATION_WAITING, MEMBERSHIP_NONE, true);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(a_new_key_is_named_before_it_signs),
    service_unit_test(what_was_taken_is_found_after_a_restart),
    service_unit_test(who_left_invites_nobody),
    service_unit_test(what_expired_is_taken_back_in_its_room),
    service_unit_test(what_waits_is_let_be),
};
SERVICE_UNIT_MAIN(tests)
