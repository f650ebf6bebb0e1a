/* SPDX-License-Identifier: EUPL-1.2 */

/* The two shapes of a sliding sync's body (MSC4186). */

#include "base/map.h"
#include "service/sync/required_state.h"
#include "service/sync/sliding.h"
#include "json/decode.h"

/* ---- ranges ---- */

bool sliding_list_holds(const struct sliding_list *list, int64_t index)
{
    if (list->whole)
        return true;
    for (size_t i = 0; i < list->n_ranges; i++)
        if (index >= list->ranges[i].from && index <= list->ranges[i].to)
            return true;
    return false;
}

static int parse_range(const struct json *pair, struct sliding_range *ret, struct err *err)
{
    struct sliding_range range;
    if (!json_is(pair, JSON_ARRAY) || pair->array.n != 2 ||
        !json_as_int(&pair->array.items[0], &range.from) ||
        !json_as_int(&pair->array.items[1], &range.to) || range.from < 0 || range.to < range.from)
        return err_client(err, 400, "M_INVALID_PARAM",
                          "A range is two integers, the first not above the second");
    *ret = range;
    return 0;
}

static int parse_ranges(struct arena *arena, const struct json *ranges, struct sliding_list *list,
                        struct err *err)
{
    size_t n = ranges ? ranges->array.n : 0;
    list->ranges = ARENA_NEW_N(arena, n, struct sliding_range);
    list->n_ranges = n;
    for (size_t i = 0; i < n; i++)
        if (parse_range(&ranges->array.items[i], &list->ranges[i], err) < 0)
            return -1;
    return 0;
}

/* ---- filters ---- */

struct filter_body {
    const struct json *is_dm, *is_encrypted, *is_invite, *is_invited;
    const struct json *room_types, *not_room_types, *tags, *not_tags, *spaces;
};
#define ANY(member) JSON_FIELD(struct filter_body, member, JSON_WANT_ANY, JSON_NULL_OK, 0)
#define ITEMS(member)                                                                              \
    JSON_FIELD(struct filter_body, member, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_SLIDING_FILTER)
static const struct json_field filter_fields[] = {
    ANY(is_dm),      ANY(is_encrypted), ANY(is_invite),
    ANY(is_invited), ITEMS(room_types), ITEMS(not_room_types),
    ITEMS(tags),     ITEMS(not_tags),   ITEMS(spaces),
};

static int parse_flag(const struct json *value, int *ret, struct err *err)
{
    *ret = -1;
    if (!value)
        return 0;
    if (!json_is(value, JSON_BOOL))
        return err_client(err, 400, "M_INVALID_PARAM", "A filter of a list is not a boolean");
    *ret = value->boolean;
    return 0;
}

static int check_strings(const struct json *array, bool null_too, struct err *err)
{
    for (size_t i = 0; array && i < array->array.n; i++)
        if (!json_is(&array->array.items[i], JSON_STRING) &&
            !(null_too && json_is(&array->array.items[i], JSON_NULL)))
            return err_client(err, 400, "M_INVALID_PARAM", "An array does not hold strings");
    return 0;
}

static int parse_filter(const struct json *filters, enum sliding_shape shape,
                        struct sliding_filter *ret, struct err *err)
{
    struct filter_body body = {0};
    if (filters && json_decode(filters, filter_fields, ARRAY_LEN(filter_fields), &body, err) < 0)
        return -1;
    *ret = (struct sliding_filter){
        .room_types = body.room_types,
        .not_room_types = body.not_room_types,
        .tags = body.tags,
        .not_tags = body.not_tags,
        .spaces = body.spaces,
    };
    const struct json *invited = shape == SLIDING_MERGED ? body.is_invited : body.is_invite;
    if (parse_flag(body.is_dm, &ret->is_dm, err) < 0 ||
        parse_flag(body.is_encrypted, &ret->is_encrypted, err) < 0 ||
        parse_flag(invited, &ret->is_invited, err) < 0)
        return -1;
    if (check_strings(body.room_types, true, err) < 0 ||
        check_strings(body.not_room_types, true, err) < 0 ||
        check_strings(body.tags, false, err) < 0 || check_strings(body.not_tags, false, err) < 0)
        return -1;
    return check_strings(body.spaces, false, err);
}

/* ---- lists and subscriptions ---- */

struct wish_body {
    int64_t timeline_limit;
    const struct json *required_state, *range, *ranges, *filters;
    bool slow_get_all_rooms;
};
static const struct json_field wish_fields[] = {
    JSON_FIELD(struct wish_body, timeline_limit, JSON_WANT_INT, JSON_REQUIRED, 0),
    JSON_FIELD(struct wish_body, required_state, JSON_WANT_ANY, JSON_REQUIRED, 0),
    JSON_FIELD(struct wish_body, range, JSON_WANT_ANY, JSON_NULL_OK, 0),
    JSON_FIELD(struct wish_body, ranges, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_SLIDING_RANGES),
    JSON_FIELD(struct wish_body, filters, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct wish_body, slow_get_all_rooms, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

static int parse_wish(const struct json *value, enum sliding_shape shape,
                      struct wish_body *ret_body, struct sliding_wish *ret, struct err *err)
{
    struct wish_body body = {0};
    if (json_decode(value, wish_fields, ARRAY_LEN(wish_fields), &body, err) < 0 ||
        required_state_check(body.required_state, err) < 0)
        return -1;
    bool fits = json_is(body.required_state, shape == SLIDING_MERGED ? JSON_OBJECT : JSON_ARRAY);
    if (!fits)
        return err_client(err, 400, "M_INVALID_PARAM", "required_state is of another kind");
    if (body.timeline_limit < 0 || body.timeline_limit > LIMIT_SLIDING_TIMELINE)
        return err_client(err, 400, "M_INVALID_PARAM", "timeline_limit is not from 0 to %d",
                          LIMIT_SLIDING_TIMELINE);
    *ret_body = body;
    ret->timeline_limit =
        body.timeline_limit < LIMIT_TIMELINE_MAX ? body.timeline_limit : LIMIT_TIMELINE_MAX;
    ret->required_state = body.required_state->raw;
    return 0;
}

static int parse_window(struct arena *arena, const struct wish_body *body, enum sliding_shape shape,
                        struct sliding_list *list, struct err *err)
{
    if (shape == SLIDING_DEPLOYED) {
        list->whole = body->slow_get_all_rooms;
        return parse_ranges(arena, body->ranges, list, err);
    }
    list->whole = !body->range;
    list->ranges = ARENA_NEW(arena, struct sliding_range);
    list->n_ranges = body->range ? 1 : 0;
    return body->range ? parse_range(body->range, list->ranges, err) : 0;
}

static int parse_lists(struct arena *arena, const struct json *lists,
                       struct sliding_request *request, struct err *err)
{
    size_t n = lists ? lists->object.n : 0;
    request->lists = ARENA_NEW_N(arena, n, struct sliding_list);
    request->n_lists = n;
    size_t spaces = 0;
    for (size_t i = 0; i < n; i++) {
        const struct json_member *member = &lists->object.members[i];
        struct sliding_list *list = &request->lists[i];
        struct wish_body body;
        list->name = member->key;
        if (list->name.n > LIMIT_SLIDING_LIST_NAME)
            return err_client(err, 400, "M_INVALID_PARAM", "The name of a list is too long");
        if (parse_wish(&member->value, request->shape, &body, &list->wish, err) < 0 ||
            parse_window(arena, &body, request->shape, list, err) < 0 ||
            parse_filter(body.filters, request->shape, &list->filter, err) < 0)
            return -1;
        spaces += list->filter.spaces ? list->filter.spaces->array.n : 0;
        if (spaces > LIMIT_SLIDING_SPACES)
            return err_client(err, 400, "M_INVALID_PARAM", "Lists filter by more than %d spaces",
                              LIMIT_SLIDING_SPACES);
    }
    return 0;
}

static int parse_subscriptions(struct arena *arena, const struct json *rooms,
                               struct sliding_request *request, struct err *err)
{
    size_t n = rooms ? rooms->object.n : 0;
    request->subscriptions = ARENA_NEW_N(arena, n, struct sliding_subscription);
    request->n_subscriptions = n;
    for (size_t i = 0; i < n; i++) {
        const struct json_member *member = &rooms->object.members[i];
        struct sliding_subscription *subscription = &request->subscriptions[i];
        struct wish_body body;
        subscription->room_id = member->key;
        if (parse_wish(&member->value, request->shape, &body, &subscription->wish, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- extensions ---- */

struct extension_body {
    bool enabled;
    int64_t limit;
    struct str since;
    const struct json *lists, *rooms;
};
static const struct json_field extension_fields[] = {
    JSON_FIELD(struct extension_body, enabled, JSON_WANT_BOOL, JSON_NULL_OK, 0),
    JSON_FIELD(struct extension_body, limit, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct extension_body, since, JSON_WANT_STR, JSON_NULL_OK, LIMIT_EVENT_FIELD_BYTES),
    JSON_FIELD(struct extension_body, lists, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_SLIDING_SCOPE),
    JSON_FIELD(struct extension_body, rooms, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_SLIDING_SCOPE),
};

/* Absent: not enabled. */
static int parse_extension(const struct json *extensions, struct str key,
                           struct extension_body *ret, struct err *err)
{
    const struct json *value = json_find(extensions, key);
    *ret = (struct extension_body){.limit = LIMIT_TO_DEVICE_PER_SYNC};
    if (!value)
        return 0;
    if (json_decode(value, extension_fields, ARRAY_LEN(extension_fields), ret, err) < 0 ||
        check_strings(ret->lists, false, err) < 0)
        return -1;
    return check_strings(ret->rooms, false, err);
}

/* "*" means all of them, and only where it always did. */
static const struct json *scope_of(const struct json *names, enum sliding_shape shape)
{
    for (size_t i = 0; names && shape == SLIDING_DEPLOYED && i < names->array.n; i++)
        if (str_eq(names->array.items[i].string, STR("*")))
            return NULL;
    return names;
}

static int parse_scope(const struct json *extensions, struct str key, enum sliding_shape shape,
                       struct sliding_scope *ret, struct err *err)
{
    struct extension_body body;
    if (parse_extension(extensions, key, &body, err) < 0)
        return -1;
    *ret = (struct sliding_scope){body.enabled, scope_of(body.lists, shape),
                                  scope_of(body.rooms, shape)};
    return 0;
}

/* In the merged form each extension has the prefix of its proposal until that is accepted. */
static int parse_extensions(const struct json *extensions, struct sliding_request *request,
                            struct err *err)
{
    bool merged = request->shape == SLIDING_MERGED;
    struct extension_body to_device, e2ee;
    if (parse_extension(extensions, merged ? STR("org.matrix.msc3885.to_device") : STR("to_device"),
                        &to_device, err) < 0 ||
        parse_extension(extensions, merged ? STR("org.matrix.msc3884.e2ee") : STR("e2ee"), &e2ee,
                        err) < 0)
        return -1;
    if (to_device.limit < 1)
        return err_client(err, 400, "M_INVALID_PARAM", "to_device.limit is not above 0");
    request->to_device = to_device.enabled;
    request->to_device_limit = to_device.limit;
    request->to_device_since = to_device.since;
    request->e2ee = e2ee.enabled;
    if (parse_scope(extensions,
                    merged ? STR("org.matrix.msc3959.account_data") : STR("account_data"),
                    request->shape, &request->account_data, err) < 0 ||
        parse_scope(extensions, merged ? STR("org.matrix.msc3960.receipts") : STR("receipts"),
                    request->shape, &request->receipts, err) < 0)
        return -1;
    return parse_scope(extensions, merged ? STR("org.matrix.msc4508.typing") : STR("typing"),
                       request->shape, &request->typing, err);
}

/* ---- the body ---- */

struct body {
    struct str conn_id, txn_id, pos, set_presence;
    int64_t timeout;
    const struct json *lists, *room_subscriptions, *extensions;
};
static const struct json_field body_fields[] = {
    JSON_FIELD(struct body, conn_id, JSON_WANT_STR, JSON_NULL_OK, LIMIT_SLIDING_CONN_ID),
    JSON_FIELD(struct body, txn_id, JSON_WANT_STR, JSON_NULL_OK, LIMIT_TXN_ID_BYTES),
    JSON_FIELD(struct body, lists, JSON_WANT_OBJECT, JSON_NULL_OK, LIMIT_SLIDING_LISTS),
    JSON_FIELD(struct body, room_subscriptions, JSON_WANT_OBJECT, JSON_NULL_OK,
               LIMIT_SLIDING_SUBSCRIBED),
    JSON_FIELD(struct body, extensions, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct body, pos, JSON_WANT_STR, JSON_NULL_OK, LIMIT_EVENT_FIELD_BYTES),
    JSON_FIELD(struct body, set_presence, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct body, timeout, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static uint64_t mix(uint64_t hash, const struct json *value)
{
    uint64_t parts[2] = {hash, value ? map_hash(value->raw) : 0};
    return map_hash(str_make(parts, sizeof parts));
}

/* Of the texts: a client that spells the same in another way is answered like one that asks for
 * something else, which costs a look and no more. */
static uint64_t hash_of(const struct body *body, const struct sliding_request *request)
{
    static const struct str extensions[] = {
        STR_INIT("account_data"),
        STR_INIT("receipts"),
        STR_INIT("typing"),
        STR_INIT("org.matrix.msc3959.account_data"),
        STR_INIT("org.matrix.msc3960.receipts"),
        STR_INIT("org.matrix.msc4508.typing"),
    };
    uint64_t hash = mix(mix(0, body->lists), body->room_subscriptions);
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
        hash = mix(hash, json_find(body->extensions, extensions[i]));
    return hash ^ (uint64_t)request->to_device ^ (uint64_t)request->e2ee << 1;
}

static int take_merged(const struct body *body, struct sliding_request *request, struct err *err)
{
    if (request->n_subscriptions > LIMIT_SLIDING_SUBSCRIPTIONS)
        return err_client(err, 400, "M_INVALID_PARAM", "room_subscriptions has more than %d rooms",
                          LIMIT_SLIDING_SUBSCRIPTIONS);
    if (body->timeout < 0)
        return err_client(err, 400, "M_INVALID_PARAM", "timeout is below 0");
    request->pos = body->pos.n ? body->pos : STR_NONE;
    request->timeout_ms = body->timeout;
    request->txn_id = STR_NONE;
    request->set_presence = body->set_presence;
    return 0;
}

int sliding_request_parse(struct arena *arena, const struct json *json, enum sliding_shape shape,
                          struct sliding_request *ret_request, struct err *err)
{
    struct body body = {0};
    struct sliding_request request = {.shape = shape};
    if (json_decode(json, body_fields, ARRAY_LEN(body_fields), &body, err) < 0)
        return -1;
    request.conn_id = body.conn_id;
    request.txn_id = body.txn_id;
    if (parse_lists(arena, body.lists, &request, err) < 0 ||
        parse_subscriptions(arena, body.room_subscriptions, &request, err) < 0 ||
        parse_extensions(body.extensions, &request, err) < 0)
        return -1;
    if (shape == SLIDING_MERGED && take_merged(&body, &request, err) < 0)
        return -1;
    request.asked = hash_of(&body, &request);
    *ret_request = request;
    return 0;
}
