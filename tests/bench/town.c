/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/town.h"

#include <stdlib.h>

#include "bench/room.h"

#define GROUP 10

static struct town_room *room_of(struct town *town, struct bench *bench, struct str id)
{
    struct town_room *room = str_map_find(&town->by_id, id);
    if (!room) {
        room = ARENA_NEW(bench->memory, struct town_room);
        room->id = id;
        str_map_put(&town->by_id, id, room);
    }
    return room;
}

static int by_size(const void *a, const void *b)
{
    const struct town_room *first = *(struct town_room *const *)a;
    const struct town_room *second = *(struct town_room *const *)b;
    return (first->n_people > second->n_people) - (first->n_people < second->n_people);
}

static void add_person(struct town *town, struct bench *bench, size_t account)
{
    const struct account *is = &bench->accounts.p[account];
    struct town_person *person = &town->people[town->n_people++];
    *person = (struct town_person){.account = account, .n_rooms = is->n_rooms};
    person->rooms = ARENA_NEW_N(bench->memory, is->n_rooms, struct town_room *);
    for (size_t i = 0; i < is->n_rooms; i++)
        (person->rooms[i] = room_of(town, bench, is->rooms[i]))->n_people++;
}

/* One device of each user of the manifest. */
static void add_preloaded(struct town *town, struct bench *bench, size_t wanted)
{
    const struct accounts *accounts = &bench->accounts;
    for (size_t i = 0; i < accounts->n && town->n_people < wanted; i++)
        if (accounts->p[i].n_rooms &&
            (i == 0 || !str_eq(accounts->p[i].user_id, accounts->p[i - 1].user_id)))
            add_person(town, bench, i);
}

/* ---- a town of n people: n/2 rooms of two, n/10 of ten, one of all ---- */

struct plan {
    struct bench *bench;
    size_t first, n, n_pairs, n_groups, n_rooms;
    struct str *rooms;
};

/* Member k of room r. */
static size_t member(const struct plan *plan, size_t r, size_t k)
{
    if (r < plan->n_pairs)
        return plan->first + 2 * r + k;
    if (r < plan->n_pairs + plan->n_groups)
        return plan->first + (r - plan->n_pairs) * GROUP + k;
    return plan->first + k;
}

static size_t maker(void *owner, size_t i)
{
    return member(owner, i, 0);
}

static void who_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct plan *plan = owner;
    size_t r = i, k = 1;
    if (i >= plan->n_pairs) {
        r = plan->n_pairs + (i - plan->n_pairs) / (GROUP - 1);
        k = 1 + (i - plan->n_pairs) % (GROUP - 1);
    }
    if (r >= plan->n_pairs + plan->n_groups) {
        r = plan->n_rooms - 1;
        k = 1 + i - plan->n_pairs - plan->n_groups * (GROUP - 1);
    }
    *ret_account = member(plan, r, k);
    *ret_room = plan->rooms[r];
}

static void note_rooms(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct account *account = &plan->bench->accounts.p[plan->first + i];
        account->rooms = ARENA_NEW_N(plan->bench->memory, 3, struct str);
        account->rooms[account->n_rooms++] = plan->rooms[i / 2];
        account->rooms[account->n_rooms++] = plan->rooms[plan->n_pairs + i / GROUP];
        account->rooms[account->n_rooms++] = plan->rooms[plan->n_rooms - 1];
    }
}

static int build(struct bench *bench, size_t n, size_t *ret_first, struct err *err)
{
    struct plan plan = {.bench = bench, .n = n, .n_pairs = n / 2, .n_groups = n / GROUP};
    plan.n_rooms = plan.n_pairs + plan.n_groups + 1;
    plan.rooms = ARENA_NEW_N(bench->memory, plan.n_rooms, struct str);
    struct room_plan rooms = {plan.n_rooms, &plan, maker, plan.rooms};
    struct join_plan joins = {plan.n_pairs + plan.n_groups * (GROUP - 1) + n - 1, &plan, who_joins};
    if (accounts_add(bench, n, &plan.first, err) < 0 || rooms_make(bench, &rooms, err) < 0 ||
        rooms_join(bench, &joins, err) < 0)
        return -1;
    note_rooms(&plan);
    *ret_first = plan.first;
    return 0;
}

int town_make(struct town *town, struct bench *bench, size_t wanted, size_t least, struct err *err)
{
    size_t first;
    *town = (struct town){0};
    town->people = MEM_NEW_N(wanted, struct town_person);
    add_preloaded(town, bench, wanted);
    if (town->n_people < least) {
        if (build(bench, least, &first, err) < 0)
            return -1;
        town->n_people = 0;
        for (size_t i = 0; i < least; i++)
            add_person(town, bench, first + i);
    }
    for (size_t i = 0; i < town->n_people; i++)
        qsort(town->people[i].rooms, town->people[i].n_rooms, sizeof *town->people[i].rooms,
              by_size);
    return 0;
}

void town_done(struct town *town)
{
    mem_free(town->people);
    str_map_done(&town->by_id);
}
