/* SPDX-License-Identifier: EUPL-1.2 */

/* Which rooms a list of sliding sync holds, whatever its window. */

#include <stdlib.h>

#include "base/map.h"
#include "service/sync/sliding_private.h"

struct tagged {
    int64_t room;
    uint64_t tag; /* hash */
};

struct sliding_facts {
    VEC(struct tagged) tags; /* sorted */
    VEC(int64_t) * children; /* of each list that filters by spaces: rooms, sorted */
};

/* ---- m.direct ---- */

static int compare_texts(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int load_direct(struct sliding *sliding)
{
    struct use *use = sliding->sync.use;
    VEC(struct str) ids = {0};
    struct str content;
    const struct json *doc;
    int found = account_data_load(&use->read, use->caller.user, 0, STR("m.direct"), use->arena,
                                  &content, &use->err);
    if (found < 0 || (found && json_parse(use->arena, content, &doc, &use->err) < 0))
        return -1;
    for (size_t i = 0; found && json_is(doc, JSON_OBJECT) && i < doc->object.n; i++) {
        const struct json *rooms = &doc->object.members[i].value;
        for (size_t k = 0; json_is(rooms, JSON_ARRAY) && k < rooms->array.n; k++)
            if (json_is(&rooms->array.items[k], JSON_STRING))
                ARENA_VEC_ADD(use->arena, &ids, rooms->array.items[k].string);
    }
    if (ids.n)
        qsort(ids.p, ids.n, sizeof *ids.p, compare_texts);
    sliding->direct = ids.p;
    sliding->n_direct = ids.n;
    sliding->has_direct = true;
    return 0;
}

int sliding_is_direct(struct sliding *sliding, int64_t room)
{
    struct use *use = sliding->sync.use;
    struct str id;
    if (!sliding->has_direct && load_direct(sliding) < 0)
        return -1;
    if (!sliding->n_direct)
        return 0;
    if (store_name(use->server->store, room, use->arena, &id, &use->err) < 0)
        return -1;
    return bsearch(&id, sliding->direct, sliding->n_direct, sizeof id, compare_texts) != NULL;
}

/* ---- types of rooms ---- */

static uint64_t hash_type(struct str type)
{
    return type.p ? map_hash(type) | 1 : 0;
}

static int load_type(struct sliding *sliding, struct sliding_room *room)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(arena_cleanup) struct arena *scratch = NULL;
    struct use *use = sliding->sync.use;
    const struct json *content;
    if (room->flags & SLIDING_TYPED)
        return 0;
    int found = event_load(&use->read, room->create_event, &event, &use->err);
    if (found < 0)
        return -1;
    scratch = arena_new(LIMIT_REQUEST_ARENA);
    if (found && json_parse(scratch, event->members.content, &content, &use->err) < 0)
        return -1;
    room->type = found ? hash_type(json_find_str(content, STR("type"))) : 0;
    room->flags |= SLIDING_TYPED;
    return 0;
}

/* An array of types; null: none. */
static bool names_type(const struct json *types, uint64_t type)
{
    for (size_t i = 0; i < types->array.n; i++)
        if (hash_type(json_as_str(&types->array.items[i])) == type)
            return true;
    return false;
}

/* ---- tags and spaces ---- */

static int compare_tagged(const void *a, const void *b)
{
    const struct tagged *x = a, *y = b;
    if (x->room != y->room)
        return x->room < y->room ? -1 : 1;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static int load_tags(struct sliding *sliding, struct sliding_facts *facts)
{
    struct use *use = sliding->sync.use;
    struct account_data *rows;
    size_t n;
    if (account_data_list_type(&use->read, use->caller.user, STR("m.tag"), use->arena, &rows, &n,
                               &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct json *doc;
        if (json_parse(use->arena, rows[i].content, &doc, &use->err) < 0)
            return -1;
        const struct json *tags = json_find(doc, STR("tags"));
        size_t n_tags = json_is(tags, JSON_OBJECT) ? tags->object.n : 0;
        for (size_t k = 0; k < n_tags && k < LIMIT_SLIDING_TAGS; k++)
            ARENA_VEC_ADD(use->arena, &facts->tags,
                          (struct tagged){rows[i].room, map_hash(tags->object.members[k].key)});
    }
    if (facts->tags.n)
        qsort(facts->tags.p, facts->tags.n, sizeof *facts->tags.p, compare_tagged);
    return 0;
}

static bool has_tag(const struct sliding_facts *facts, int64_t room, const struct json *tags)
{
    for (size_t i = 0; facts->tags.n && i < tags->array.n; i++) {
        const struct tagged wanted = {room, map_hash(tags->array.items[i].string)};
        if (bsearch(&wanted, facts->tags.p, facts->tags.n, sizeof wanted, compare_tagged))
            return true;
    }
    return false;
}

/* 1 when the event says by which servers its child is reached: else it is a child no more. */
static int is_child(struct use *use, int64_t event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(arena_cleanup) struct arena *scratch = NULL;
    const struct json *content;
    int found = event_load(&use->read, event_id, &event, &use->err);
    if (found != 1)
        return found;
    scratch = arena_new(LIMIT_REQUEST_ARENA);
    if (json_parse(scratch, event->members.content, &content, &use->err) < 0)
        return -1;
    return json_is(json_find(content, STR("via")), JSON_ARRAY);
}

static int load_children(struct sliding *sliding, struct sliding_facts *facts, size_t list,
                         int64_t space)
{
    struct use *use = sliding->sync.use;
    struct state_entry *entries;
    struct room_row row;
    size_t n;
    int found = room_load(&use->read, space, &row, &use->err);
    if (found != 1)
        return found;
    if (state_load(&use->read, row.state, use->arena, &entries, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].type != rooms_names(use->server)->space_child)
            continue;
        int child = is_child(use, entries[i].event);
        if (child < 0)
            return -1;
        if (child)
            ARENA_VEC_ADD(use->arena, &facts->children[list], entries[i].state_key);
    }
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Those that the user is in; others are passed over. */
static int load_spaces(struct sliding *sliding, struct sliding_facts *facts, size_t list)
{
    struct use *use = sliding->sync.use;
    const struct json *spaces = sliding->request->lists[list].filter.spaces;
    for (size_t i = 0; i < spaces->array.n; i++) {
        int64_t id;
        int found =
            store_find_name(use->server->store, spaces->array.items[i].string, &id, &use->err);
        if (found < 0)
            return -1;
        const struct sliding_room *room = found ? sliding_content_find(sliding->work, id) : NULL;
        if (room && room->kind == MEMBERSHIP_JOIN && load_children(sliding, facts, list, id) < 0)
            return -1;
    }
    if (facts->children[list].n)
        qsort(facts->children[list].p, facts->children[list].n, sizeof(int64_t), compare_ids);
    return 0;
}

int sliding_facts_load(struct sliding *sliding, struct sliding_facts **ret_facts)
{
    const struct sliding_request *request = sliding->request;
    struct arena *arena = sliding->sync.use->arena;
    struct sliding_facts *facts = ARENA_NEW(arena, struct sliding_facts);
    bool tags = false;
    facts->children = arena_alloc(arena, request->n_lists, sizeof *facts->children);
    for (size_t i = 0; i < request->n_lists; i++) {
        const struct sliding_filter *filter = &request->lists[i].filter;
        tags |= filter->tags || filter->not_tags;
        if (filter->spaces && load_spaces(sliding, facts, i) < 0)
            return -1;
    }
    if (tags && load_tags(sliding, facts) < 0)
        return -1;
    *ret_facts = facts;
    return 0;
}

/* ---- one room ---- */

static bool is_in_space(const struct sliding_facts *facts, size_t list, int64_t room)
{
    return facts->children[list].n && bsearch(&room, facts->children[list].p,
                                              facts->children[list].n, sizeof room, compare_ids);
}

static bool agrees(int asked, bool is)
{
    return asked < 0 || (asked != 0) == is;
}

int sliding_filter_passes(struct sliding *sliding, const struct sliding_facts *facts, size_t list,
                          struct sliding_room *room)
{
    const struct sliding_filter *filter = &sliding->request->lists[list].filter;
    if (!agrees(filter->is_dm, room->flags & SLIDING_DIRECT) ||
        !agrees(filter->is_encrypted, room->flags & SLIDING_ENCRYPTED) ||
        !agrees(filter->is_invited, room->kind == MEMBERSHIP_INVITE))
        return 0;
    if ((filter->room_types || filter->not_room_types) && load_type(sliding, room) < 0)
        return -1;
    if ((filter->room_types && !names_type(filter->room_types, room->type)) ||
        (filter->not_room_types && names_type(filter->not_room_types, room->type)))
        return 0;
    if ((filter->tags && !has_tag(facts, room->room, filter->tags)) ||
        (filter->not_tags && has_tag(facts, room->room, filter->not_tags)))
        return 0;
    return !filter->spaces || is_in_space(facts, list, room->room);
}
