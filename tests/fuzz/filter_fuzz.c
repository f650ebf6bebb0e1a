/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "service/sync/filter.h"

/* {"filter": a filter, "event": a filter of events, "type": …, "sender": …, "room_id": …,
 * "content": …}. A refusal is the client's and leaves the result alone; what a filter lets through
 * is the same for a wider filter. */

static void check_refusal(const struct err *err)
{
    CHECK(err->kind == ERR_KIND_CLIENT && err->status == 400);
}

static bool list_is_sound(const struct filter_list *list)
{
    return !list || (list->n_plain + list->n_stars <= LIMIT_FILTER_ENTRIES &&
                     list->n_stars <= LIMIT_FILTER_STARS);
}

static void check_sound(const struct event_filter *filter)
{
    CHECK(list_is_sound(filter->types) && list_is_sound(filter->not_types));
    CHECK(list_is_sound(filter->senders) && list_is_sound(filter->not_senders));
    CHECK(list_is_sound(filter->rooms) && list_is_sound(filter->not_rooms));
    CHECK(list_is_sound(filter->rel_types) && list_is_sound(filter->rel_senders));
    CHECK(filter->limit >= 0);
    CHECK(filter->contains_url >= -1 && filter->contains_url <= 1);
}

static void check_deciding(const struct event_filter *filter, const struct json *doc)
{
    struct filter_subject nothing = {0}, subject = {
                                             .type = json_find_str(doc, STR("type")),
                                             .sender = json_find_str(doc, STR("sender")),
                                             .room_id = json_find_str(doc, STR("room_id")),
                                             .content = json_find(doc, STR("content")),
                                         };
    struct event_filter wider = *filter, empty = *filter;
    const struct filter_list nobody = {0};
    bool allowed = filter_allows(filter, &subject);
    check_sound(filter);
    CHECK(filter_allows(filter, &nothing)); /* nothing is asked */
    wider.not_types = wider.not_senders = wider.not_rooms = NULL;
    CHECK(!allowed || filter_allows(&wider, &subject));
    empty.types = &nobody;
    CHECK(!subject.type.p || !filter_allows(&empty, &subject));
    if (filter->types) { /* not_ wins */
        wider.types = NULL;
        wider.not_types = filter->types;
        CHECK(!allowed || !subject.type.p || !filter_allows(&wider, &subject));
    }
}

static void check_one(struct arena *arena, const struct json *doc)
{
    struct event_filter filter;
    struct err err = ERR_INIT;
    if (event_filter_parse(arena, json_find(doc, STR("event")), &filter, &err) != 0)
        check_refusal(&err);
    else
        check_deciding(&filter, doc);
}

static void check_whole(struct arena *arena, const struct json *doc)
{
    const struct json *text = json_find(doc, STR("filter"));
    struct filter filter;
    struct err err = ERR_INIT;
    if (filter_parse(arena, text ? text : doc, &filter, &err) != 0) {
        check_refusal(&err);
        return;
    }
    check_deciding(&filter.presence, doc);
    check_deciding(&filter.account_data, doc);
    check_deciding(&filter.timeline, doc);
    check_deciding(&filter.state, doc);
    check_deciding(&filter.ephemeral, doc);
    check_deciding(&filter.room_account_data, doc);
    CHECK(list_is_sound(filter.rooms) && list_is_sound(filter.not_rooms));
    (void)filter_allows_room(&filter, json_find_str(doc, STR("room_id")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_make((const char *)data, size), &doc, &err) != 0)
        return 0;
    check_one(arena, doc);
    check_whole(arena, doc);
    return 0;
}
