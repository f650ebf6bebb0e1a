/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/member.h"

#include "bench/room.h"

struct member {
    size_t account, n_rooms;
    struct str *rooms;
};

static size_t maker(void *owner, size_t i)
{
    const struct member *member = owner;
    (void)i;
    return member->account;
}

static void who_writes(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct member *member = owner;
    *ret_account = member->account;
    *ret_room = member->rooms[i % member->n_rooms];
}

int member_make(struct bench *bench, size_t n_rooms, size_t n_messages, size_t *ret_account,
                struct err *err)
{
    struct member member = {.n_rooms = n_rooms};
    member.rooms = ARENA_NEW_N(bench->memory, n_rooms, struct str);
    struct room_plan rooms = {n_rooms, &member, maker, member.rooms};
    struct join_plan messages = {n_rooms * n_messages, &member, who_writes};
    if (accounts_add(bench, 1, &member.account, err) < 0 || rooms_make(bench, &rooms, err) < 0)
        return -1;
    *ret_account = member.account;
    return rooms_fill(bench, &messages, err);
}
