/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/state_res.h"

#include <string.h>

#include "matrix/state_res_run.h"

/* ---- partition ---- */

/* A key is common when every map has it with the same event. One pass over all maps at once, a
 * finger in each: linear. */
struct fingers {
    const struct state_map *maps;
    size_t n_maps;
    size_t *at;
};

struct entries {
    struct state_entry *p;
    size_t n, capacity;
};

/* The least key under the fingers; false at the end of all maps. */
static bool least_key(const struct fingers *f, struct state_entry *ret_key)
{
    const struct state_entry *least = NULL;
    for (size_t i = 0; i < f->n_maps; i++) {
        if (f->at[i] == f->maps[i].n)
            continue;
        const struct state_entry *here = &f->maps[i].p[f->at[i]];
        if (!least || state_entry_cmp(here, least) < 0)
            least = here;
    }
    if (least)
        *ret_key = *least;
    return least != NULL;
}

static bool finger_is_on(const struct fingers *f, size_t i, const struct state_entry *key)
{
    return f->at[i] < f->maps[i].n && state_entry_cmp(&f->maps[i].p[f->at[i]], key) == 0;
}

static bool all_agree(const struct fingers *f, const struct state_entry *key)
{
    for (size_t i = 0; i < f->n_maps; i++)
        if (!finger_is_on(f, i, key) || f->maps[i].p[f->at[i]].event != key->event)
            return false;
    return true;
}

void state_res_partition(const struct state_map *maps, size_t n_maps, struct arena *arena,
                         struct state_map *ret_common, struct state_map **ret_conflicted)
{
    struct entries common = {0};
    struct entries *conflicted = ARENA_NEW_N(arena, n_maps ? n_maps : 1, struct entries);
    struct fingers f = {maps, n_maps, ARENA_NEW_N(arena, n_maps ? n_maps : 1, size_t)};
    struct state_entry key;
    while (least_key(&f, &key)) {
        bool agree = all_agree(&f, &key);
        if (agree)
            ARENA_VEC_ADD(arena, &common, key);
        for (size_t i = 0; i < n_maps; i++) {
            if (!finger_is_on(&f, i, &key))
                continue;
            if (!agree)
                ARENA_VEC_ADD(arena, &conflicted[i], maps[i].p[f.at[i]]);
            f.at[i]++;
        }
    }
    *ret_common = (struct state_map){common.p, common.n};
    *ret_conflicted = ARENA_NEW_N(arena, n_maps ? n_maps : 1, struct state_map);
    for (size_t i = 0; i < n_maps; i++)
        (*ret_conflicted)[i] = (struct state_map){conflicted[i].p, conflicted[i].n};
}

/* ---- the algorithm ---- */

/* From version 12 on no event cites m.room.create: the room id does. All states have it. */
static int find_create(struct run *run, struct err *err)
{
    int64_t type, empty, event = 0;
    int rc = run->source->find_name(run->source->arg, STR("m.room.create"), &type, err);
    if (rc > 0)
        rc = run->source->find_name(run->source->arg, STR(""), &empty, err);
    if (rc <= 0)
        return rc;
    rc = run->conflict->find_common(run->conflict->arg, type, empty, &event, err);
    if (rc < 0)
        return -1;
    for (size_t i = 0; rc == 0 && event == 0 && i < run->conflict->n_states; i++)
        event = state_map_find(run->conflict->states[i], type, empty);
    if (event == 0)
        return 0;
    run->create = run_node(run, event);
    rc = run_load(run, run->create, err);
    if (rc == 0)
        run->create = NULL;
    return rc < 0 ? -1 : 0;
}

static int find_power_levels(struct run *run, struct node **ret_node, struct err *err)
{
    int64_t type, empty, event;
    *ret_node = NULL;
    int rc = run->source->find_name(run->source->arg, STR("m.room.power_levels"), &type, err);
    if (rc > 0)
        rc = run->source->find_name(run->source->arg, STR(""), &empty, err);
    if (rc <= 0)
        return rc;
    *ret_node = run_state_find(run, type, empty);
    if (*ret_node || run->version->state_resolution != STATE_RESOLUTION_2)
        return 0;
    /* Version 2 starts from the unconflicted map, so what that has is in the partial state. */
    rc = run->conflict->find_common(run->conflict->arg, type, empty, &event, err);
    if (rc <= 0)
        return rc;
    *ret_node = run_node(run, event);
    return 0;
}

/* The rest of the full conflicted set. */
static void take_others(struct run *run, const struct node_list *full, struct node_list *ret_others)
{
    *ret_others = (struct node_list){0};
    for (size_t i = 0; i < full->n; i++)
        if (!(full->p[i]->marks & NODE_POWER_LIST))
            ARENA_VEC_ADD(run->arena, ret_others, full->p[i]);
}

/* rooms/v12 "Algorithm" (rooms/v2 for the versions before). */
static int resolve(struct run *run, struct err *err)
{
    struct node_list full, powers, sorted, others;
    struct node *power_levels;
    if (run_full_conflicted(run, &full, err) != 0 ||
        run_power_set(run, &full, &powers, err) != 0 ||       /* 1: the set X */
        run_sort_by_power(run, &powers, &sorted, err) != 0 || /* 1: sorted */
        run_replay(run, &sorted, err) != 0 ||                 /* 2 */
        find_power_levels(run, &power_levels, err) != 0)
        return -1;
    take_others(run, &full, &others);
    if (run_sort_by_mainline(run, power_levels, &others, err) != 0) /* 3 */
        return -1;
    return run_replay(run, &others, err); /* 4 */
}

/* 5: what is unconflicted prevails, so only the other keys are given back. */
static int collect(struct run *run, struct state_map *ret_won, struct err *err)
{
    struct entries won = {0};
    struct str key;
    void *value;
    for (size_t at = 0; str_map_next(&run->state, &at, &key, &value);) {
        const struct node *node = value;
        int64_t common;
        int rc = run->conflict->find_common(run->conflict->arg, node->event.type,
                                            node->event.state_key, &common, err);
        if (rc < 0)
            return -1;
        if (rc == 0)
            ARENA_VEC_ADD(run->arena, &won,
                          (struct state_entry){node->event.type, node->event.state_key, node->id});
    }
    state_entries_sort(won.p, won.n);
    *ret_won = (struct state_map){won.p, won.n};
    return 0;
}

int state_res_resolve_conflict(const struct room_version *version,
                               const struct state_res_source *source,
                               const struct state_res_conflict *conflict, struct arena *arena,
                               struct state_map *ret_won, struct err *err)
{
    struct run run;
    int rc = 0;
    run_init(&run, source, conflict, arena);
    run.version = version;
    if (version->room_id_is_hash)
        rc = find_create(&run, err);
    if (rc == 0)
        rc = resolve(&run, err);
    if (rc == 0)
        rc = collect(&run, ret_won, err);
    run_done(&run);
    return rc;
}

/* ---- whole maps ---- */

static int find_in_map(void *arg, int64_t type, int64_t state_key, int64_t *ret_event,
                       struct err *err)
{
    const struct state_map *map = arg;
    (void)err;
    *ret_event = state_map_find(*map, type, state_key);
    return *ret_event != 0;
}

/* Both sorted, no key in both. */
static struct state_map merge(struct arena *arena, struct state_map a, struct state_map b)
{
    struct state_entry *out = ARENA_NEW_N(arena, a.n + b.n ? a.n + b.n : 1, struct state_entry);
    size_t i = 0, j = 0, n = 0;
    while (i < a.n || j < b.n)
        if (j == b.n || (i < a.n && state_entry_cmp(&a.p[i], &b.p[j]) < 0))
            out[n++] = a.p[i++];
        else
            out[n++] = b.p[j++];
    return (struct state_map){out, n};
}

static bool same_map(struct state_map a, struct state_map b)
{
    return a.n == b.n && (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n * sizeof *a.p) == 0);
}

int state_res_resolve(const struct room_version *version, const struct state_res_source *source,
                      const struct state_map *maps, size_t n_maps, struct arena *arena,
                      struct state_map *ret_map, struct err *err)
{
    struct state_map common = {0}, won, *conflicted;
    bool equal = true;
    for (size_t i = 1; i < n_maps && equal; i++)
        equal = same_map(maps[0], maps[i]);
    if (equal) {
        *ret_map = n_maps ? maps[0] : (struct state_map){0};
        return 0;
    }
    state_res_partition(maps, n_maps, arena, &common, &conflicted);
    struct state_res_conflict conflict = {conflicted, n_maps, find_in_map, &common, common};
    if (state_res_resolve_conflict(version, source, &conflict, arena, &won, err) != 0)
        return -1;
    *ret_map = merge(arena, common, won);
    return 0;
}
