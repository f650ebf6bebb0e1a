/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/filter.h"

#include "base/limits.h"
#include "base/random.h"
#include "matrix/id.h"
#include "store/account_data.h"
#include "json/write.h"

static void event_filter_init(struct event_filter *filter)
{
    *filter = (struct event_filter){.contains_url = -1};
}

void filter_init(struct filter *filter)
{
    *filter = (struct filter){0};
    event_filter_init(&filter->presence);
    event_filter_init(&filter->account_data);
    event_filter_init(&filter->timeline);
    event_filter_init(&filter->state);
    event_filter_init(&filter->ephemeral);
    event_filter_init(&filter->room_account_data);
}

/* ---- reading ---- */

enum entry { ENTRY_TEXT, ENTRY_TYPE, ENTRY_USER, ENTRY_ROOM };

static bool is_entry(struct str text, enum entry entry)
{
    struct room_id room;
    struct err ignored = ERR_INIT;
    if (entry == ENTRY_USER)
        return text.p && user_id_is_valid(text);
    if (entry == ENTRY_ROOM)
        return text.p && room_id_parse(text, &room, &ignored) == 0;
    return text.p != NULL;
}

static int read_list(struct arena *arena, const struct json *doc, const char *name,
                     enum entry entry, const struct filter_list **ret_list, struct err *err)
{
    const struct json *list = json_find(doc, str_from(name));
    if (!list || list->kind == JSON_NULL)
        return 0;
    if (list->kind != JSON_ARRAY)
        return err_client(err, 400, "M_BAD_JSON", "%s must be an array", name);
    if (list->array.n > LIMIT_FILTER_ENTRIES)
        return err_client(err, 400, "M_INVALID_PARAM", "%s has more than %d entries", name,
                          LIMIT_FILTER_ENTRIES);
    for (size_t i = 0; i < list->array.n; i++)
        if (!is_entry(json_as_str(&list->array.items[i]), entry))
            return err_client(err, 400, "M_BAD_JSON", "%s holds something else than ids", name);
    return filter_list_make(arena, list, entry == ENTRY_TYPE, name, ret_list, err);
}

static int read_bool(const struct json *doc, const char *name, bool *ret, struct err *err)
{
    const struct json *value = json_find(doc, str_from(name));
    if (!value || value->kind == JSON_NULL)
        return 0;
    if (value->kind != JSON_BOOL)
        return err_client(err, 400, "M_BAD_JSON", "%s must be true or false", name);
    *ret = value->boolean;
    return 0;
}

static int read_limit(const struct json *doc, int64_t *ret, struct err *err)
{
    const struct json *value = json_find(doc, STR("limit"));
    if (!value || value->kind == JSON_NULL)
        return 0;
    if (value->kind != JSON_INT || value->integer < 0)
        return err_client(err, 400, "M_BAD_JSON", "limit must be a whole number");
    *ret = value->integer ? value->integer : 1; /* an event at least */
    return 0;
}

int event_filter_parse(struct arena *arena, const struct json *doc, struct event_filter *ret_filter,
                       struct err *err)
{
    struct event_filter filter;
    bool url = false;
    event_filter_init(&filter);
    if (doc && doc->kind != JSON_OBJECT && doc->kind != JSON_NULL)
        return err_client(err, 400, "M_BAD_JSON", "A filter is an object");
    if (read_list(arena, doc, "types", ENTRY_TYPE, &filter.types, err) < 0 ||
        read_list(arena, doc, "not_types", ENTRY_TYPE, &filter.not_types, err) < 0 ||
        read_list(arena, doc, "senders", ENTRY_USER, &filter.senders, err) < 0 ||
        read_list(arena, doc, "not_senders", ENTRY_USER, &filter.not_senders, err) < 0 ||
        read_list(arena, doc, "rooms", ENTRY_ROOM, &filter.rooms, err) < 0 ||
        read_list(arena, doc, "not_rooms", ENTRY_ROOM, &filter.not_rooms, err) < 0 ||
        read_list(arena, doc, "related_by_rel_types", ENTRY_TEXT, &filter.rel_types, err) < 0 ||
        read_list(arena, doc, "related_by_senders", ENTRY_USER, &filter.rel_senders, err) < 0 ||
        read_limit(doc, &filter.limit, err) < 0 || read_bool(doc, "contains_url", &url, err) < 0 ||
        read_bool(doc, "lazy_load_members", &filter.lazy_load_members, err) < 0 ||
        read_bool(doc, "include_redundant_members", &filter.include_redundant_members, err) < 0 ||
        read_bool(doc, "unread_thread_notifications", &filter.unread_thread_notifications, err) < 0)
        return -1;
    if (json_is(json_find(doc, STR("contains_url")), JSON_BOOL))
        filter.contains_url = url;
    *ret_filter = filter;
    return 0;
}

int filter_parse(struct arena *arena, const struct json *doc, struct filter *ret_filter,
                 struct err *err)
{
    struct filter filter;
    const struct json *room = json_find(doc, STR("room"));
    filter_init(&filter);
    if (doc->kind != JSON_OBJECT || (room && room->kind != JSON_OBJECT && room->kind != JSON_NULL))
        return err_client(err, 400, "M_BAD_JSON", "A filter is an object");
    struct str format = json_find_str(doc, STR("event_format"));
    if (format.p && !str_eq(format, STR("client")) && !str_eq(format, STR("federation")))
        return err_client(err, 400, "M_BAD_JSON", "event_format must be client or federation");
    filter.federation = str_eq(format, STR("federation"));
    if (event_filter_parse(arena, json_find(doc, STR("presence")), &filter.presence, err) < 0 ||
        event_filter_parse(arena, json_find(doc, STR("account_data")), &filter.account_data, err) <
            0 ||
        event_filter_parse(arena, json_find(room, STR("timeline")), &filter.timeline, err) < 0 ||
        event_filter_parse(arena, json_find(room, STR("state")), &filter.state, err) < 0 ||
        event_filter_parse(arena, json_find(room, STR("ephemeral")), &filter.ephemeral, err) < 0 ||
        event_filter_parse(arena, json_find(room, STR("account_data")), &filter.room_account_data,
                           err) < 0 ||
        read_list(arena, room, "rooms", ENTRY_ROOM, &filter.rooms, err) < 0 ||
        read_list(arena, room, "not_rooms", ENTRY_ROOM, &filter.not_rooms, err) < 0 ||
        read_bool(room, "include_leave", &filter.include_leave, err) < 0)
        return -1;
    *ret_filter = filter;
    return 0;
}

int filter_load_text(struct use *use, struct str id, struct str *ret_text)
{
    int64_t number;
    int found = str_parse_uint(id, &number) < 0 ? 0
                                                : filter_load(&use->read, use->caller.user, number,
                                                              use->arena, ret_text, &use->err);
    if (found == 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "No such filter");
    return found < 0 ? -1 : 0;
}

int filter_load_param(struct use *use, struct str param, struct filter *ret_filter)
{
    const struct json *doc;
    struct str text = param;
    filter_init(ret_filter);
    if (!param.n)
        return 0;
    if (param.n > LIMIT_FILTER_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The filter is too long");
    if ((param.p[0] != '{' && filter_load_text(use, param, &text) < 0) ||
        json_parse(use->arena, text, &doc, &use->err) < 0)
        return -1;
    return filter_parse(use->arena, doc, ret_filter, &use->err);
}

/* ---- shared ---- */

int shared_filter_new(struct str text, struct shared_filter **ret_shared, struct err *err)
{
    struct arena *arena = arena_new_small(MIB(1), 2 * text.n + KIB(1));
    struct shared_filter *shared = ARENA_NEW(arena, struct shared_filter);
    const struct json *doc;
    shared->arena = arena;
    shared->refs = 1;
    shared->text = arena_str(arena, text);
    if (json_parse(arena, shared->text, &doc, err) < 0 ||
        filter_parse(arena, doc, &shared->filter, err) < 0) {
        arena_free(arena);
        return -1;
    }
    *ret_shared = shared;
    return 0;
}

struct shared_filter *shared_filter_ref(struct shared_filter *shared)
{
    __atomic_add_fetch(&shared->refs, 1, __ATOMIC_RELAXED);
    return shared;
}

void shared_filter_unref(struct shared_filter *shared)
{
    if (shared && __atomic_sub_fetch(&shared->refs, 1, __ATOMIC_ACQ_REL) == 0)
        arena_free(shared->arena);
}

/* ---- deciding ---- */

static bool passes(const struct filter_list *wanted, const struct filter_list *unwanted,
                   struct str text)
{
    if (!text.p)
        return true;
    return !(unwanted && filter_list_has(unwanted, text)) &&
           (!wanted || filter_list_has(wanted, text));
}

bool event_filter_is_open(const struct event_filter *filter)
{
    return !filter->types && !filter->not_types && !filter->senders && !filter->not_senders &&
           !filter->rooms && !filter->not_rooms && filter->contains_url < 0;
}

bool filter_allows(const struct event_filter *filter, const struct filter_subject *subject)
{
    if (!passes(filter->types, filter->not_types, subject->type) ||
        !passes(filter->senders, filter->not_senders, subject->sender) ||
        !passes(filter->rooms, filter->not_rooms, subject->room_id))
        return false;
    if (filter->contains_url < 0 || !subject->content)
        return true;
    return json_is(json_find(subject->content, STR("url")), JSON_STRING) == filter->contains_url;
}

bool filter_allows_room(const struct filter *filter, struct str room_id)
{
    return passes(filter->rooms, filter->not_rooms, room_id);
}

/* ---- storing ---- */

struct storing {
    int64_t user, id;
    struct str json;
};

static int write_filter(struct write *w, void *arg, struct err *err)
{
    const struct storing *storing = arg;
    return filter_put(w, storing->user, storing->id, storing->json, err);
}

/* Drawn, so that an id a client kept from before a restore never names another filter. */
static int64_t draw_id(void)
{
    return (int64_t)random_below(INT64_C(1) << 53) + 1;
}

int filter_store(struct use *use, const struct json *doc, struct str *ret_id)
{
    struct storing *storing = ARENA_NEW(use->arena, struct storing);
    struct filter checked;
    if (filter_parse(use->arena, doc, &checked, &use->err) < 0)
        return -1;
    *storing = (struct storing){.user = use->caller.user, .json = doc->raw};
    int found = filter_find(&use->read, storing->user, storing->json, &storing->id, &use->err);
    if (found < 0)
        return -1;
    if (!found)
        storing->id = draw_id();
    *ret_id = arena_printf(use->arena, "%lld", (long long)storing->id);
    return found ? 0 : use_commit(use, write_filter, NULL, storing);
}
