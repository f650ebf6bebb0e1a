/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "service/sync/required_state.h"
#include "service/sync/sliding.h"

/* A body of a sliding sync, in either shape. A refusal is the client's; what is taken is within
 * every limit, and what is asked has one hash. */

static void check_wish(const struct sliding_wish *wish)
{
    CHECK(wish->timeline_limit >= 0 && wish->timeline_limit <= LIMIT_TIMELINE_MAX);
    CHECK(wish->required_state.n > 0);
}

static void check_list(const struct sliding_list *list)
{
    CHECK(list->name.n <= LIMIT_SLIDING_LIST_NAME && list->n_ranges <= LIMIT_SLIDING_RANGES);
    for (size_t i = 0; i < list->n_ranges; i++) {
        CHECK(list->ranges[i].from >= 0 && list->ranges[i].to >= list->ranges[i].from);
        CHECK(sliding_list_holds(list, list->ranges[i].from));
        CHECK(sliding_list_holds(list, list->ranges[i].to));
    }
    CHECK(list->filter.is_dm >= -1 && list->filter.is_dm <= 1);
    check_wish(&list->wish);
}

static void check_shape(struct arena *arena, const struct json *doc, enum sliding_shape shape)
{
    struct sliding_request request, again;
    struct err err = ERR_INIT;
    if (sliding_request_parse(arena, doc, shape, &request, &err) < 0) {
        CHECK(err.kind == ERR_KIND_CLIENT && err.status == 400);
        return;
    }
    CHECK(request.n_lists <= LIMIT_SLIDING_LISTS);
    CHECK(request.n_subscriptions <= LIMIT_SLIDING_SUBSCRIBED);
    CHECK(request.conn_id.n <= LIMIT_SLIDING_CONN_ID && request.to_device_limit > 0);
    for (size_t i = 0; i < request.n_lists; i++)
        check_list(&request.lists[i]);
    for (size_t i = 0; i < request.n_subscriptions; i++)
        check_wish(&request.subscriptions[i].wish);
    CHECK(sliding_request_parse(arena, doc, shape, &again, &err) == 0);
    CHECK(again.asked == request.asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_make((const char *)data, size), &doc, &err) != 0)
        return 0;
    check_shape(arena, doc, SLIDING_DEPLOYED);
    check_shape(arena, doc, SLIDING_MERGED);
    return 0;
}
