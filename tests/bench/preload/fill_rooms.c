/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/limits.h"
#include "bench/preload/crew.h"
#include "bench/preload/fill.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "json/write.h"

/* Joins a job: each makes a state. */
#define JOINS_A_JOB 100

/* ---- a room ---- */

static const char encryption[] = "[{\"type\":\"m.room.encryption\",\"state_key\":\"\","
                                 "\"content\":{\"algorithm\":\"m.megolm.v1.aes-sha2\"}}]";

/* ["@agent1:…",…]: everybody but the first. */
static struct str invite_text(struct use *use, const struct fill *fill,
                              const struct plan_room *room)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer out;
    buf_init(&text, MIB(16));
    json_writer_init(&out, &text);
    json_write_array(&out);
    for (size_t i = 1; i < room->n_members; i++)
        json_write_str(&out, fill->people->callers[room->members[i]].user_id);
    json_write_end(&out);
    return arena_str(use->arena, buf_str(&text));
}

static int describe(struct use *use, const struct fill *fill, const struct plan_room *room,
                    size_t number, struct new_room *ret_room)
{
    struct new_room asked = {.preset = STR("private_chat")};
    if (room->kind == PLAN_KIND_FORUM) {
        *ret_room = (struct new_room){.preset = STR("public_chat"),
                                      .visibility = STR("public"),
                                      .name = STR("Forum"),
                                      .topic = STR("Ouvert à tous les agents")};
        return 0;
    }
    if (json_parse(use->arena, str_from(encryption), &asked.initial_state, &use->err) < 0 ||
        json_parse(use->arena, invite_text(use, fill, room), &asked.invite, &use->err) < 0)
        return -1;
    if (room->kind == PLAN_KIND_DIRECT) {
        asked.preset = STR("trusted_private_chat");
        asked.is_direct = true;
    } else {
        asked.name = arena_printf(use->arena, "Groupe %zu", number);
    }
    *ret_room = asked;
    return 0;
}

static int make_room(struct use *use, size_t number, void *arg)
{
    const struct fill *fill = arg;
    struct plan_room *room = &fill->plan->rooms[number];
    struct new_room asked;
    struct str room_id;
    use->caller = fill->people->callers[room->members[0]];
    if (describe(use, fill, room, number, &asked) < 0 || rooms_create(use, &asked, &room_id) < 0)
        return -1;
    snprintf(room->room_id, sizeof room->room_id, "%.*s", STR_ARG(room_id));
    return store_find_name(use->server->store, room_id, &room->room, &use->err) < 0 ? -1 : 0;
}

/* ---- its members ---- */

static int join_one(struct use *use, struct change *change, const struct caller *caller)
{
    struct str content;
    use->caller = *caller;
    if (member_content(use, caller->user, MEMBERSHIP_JOIN, STR_NONE, STR_NONE, &content) < 0)
        return -1;
    return change_member(change, caller->user_id, content);
}

/* Members from..end, in one change. */
static int join_some(struct use *use, const struct fill *fill, const struct plan_room *plan_room,
                     size_t from, size_t end)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct change change;
    int status = 0;
    if (room_enter(use, plan_room->room, &room) < 0)
        return -1;
    change_begin(&change, use, room);
    for (size_t i = from; status == 0 && i < end; i++)
        status = join_one(use, &change, &fill->people->callers[plan_room->members[i]]);
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

/* A part of the joins of a room: the crew has one of these for every JOINS_A_JOB. */
struct joining {
    struct fill *fill;
    struct {
        uint32_t room, from;
    } * parts;
    size_t n;
};

static int join_part(struct use *use, size_t number, void *arg)
{
    const struct joining *joining = arg;
    const struct plan_room *room = &joining->fill->plan->rooms[joining->parts[number].room];
    size_t from = joining->parts[number].from, end = from + JOINS_A_JOB;
    return join_some(use, joining->fill, room, from, end < room->n_members ? end : room->n_members);
}

static void cut_joins(struct joining *joining)
{
    const struct plan *plan = joining->fill->plan;
    size_t most = 0;
    for (size_t i = 0; i < plan->n_rooms; i++)
        most += plan->rooms[i].n_members / JOINS_A_JOB + 1;
    joining->parts = mem_new(most, sizeof *joining->parts);
    for (size_t i = 0; i < plan->n_rooms; i++)
        for (size_t from = 1; from < plan->rooms[i].n_members; from += JOINS_A_JOB) {
            joining->parts[joining->n].room = (uint32_t)i;
            joining->parts[joining->n++].from = (uint32_t)from;
        }
}

int fill_rooms(struct fill *fill, struct err *err)
{
    struct joining joining = {.fill = fill};
    if (crew_run(fill->server, "rooms", fill->plan->n_rooms, make_room, fill, err) < 0)
        return -1;
    cut_joins(&joining);
    int status = crew_run(fill->server, "joins", joining.n, join_part, &joining, err);
    mem_free(joining.parts);
    return status;
}
