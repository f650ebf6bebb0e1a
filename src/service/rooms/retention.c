/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/retention.h"

#include "base/limits.h"
#include "service/config.h"
#include "service/rooms/room.h"
#include "store/event.h"
#include "store/state.h"

int retention_check(struct use *use, struct str type, struct str state_key,
                    const struct json *content)
{
    struct retention retention;
    if (!str_eq(type, STR("m.room.retention")) || state_key.n)
        return 0;
    return retention_parse(content, &retention, &use->err);
}

struct retention_bounds retention_bounds_of(const struct config *config)
{
    return (struct retention_bounds){
        .otherwise_ms =
            config->retention_default_ms ? config->retention_default_ms : RETENTION_FOREVER,
        .least_ms = config->retention_least_ms,
        .most_ms = config->retention_most_ms ? config->retention_most_ms : RETENTION_FOREVER,
    };
}

/* 1, 0 it says nothing, -1. */
static int load_policy(struct use *use, const struct room_row *row, struct retention *ret_policy)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    CLEANUP(event_cleanup) struct event *event = NULL;
    const struct room_names *names = rooms_names(use->server);
    struct err ignored = ERR_INIT;
    const struct json *content;
    int64_t id;
    int found = row->state ? state_find(&use->read, row->state, names->retention, names->empty, &id,
                                        &use->err)
                           : 0;
    if (found == 1)
        found = event_load(&use->read, id, &event, &use->err);
    if (found != 1)
        return found;
    if (json_parse(scratch, event->members.content, &content, &ignored) < 0 ||
        retention_parse(content, ret_policy, &ignored) < 0)
        return 0;
    return 1;
}

int retention_of_room(struct use *use, const struct room_row *row, int64_t *ret_lifetime_ms)
{
    struct retention_bounds bounds = retention_bounds_of(use->server->config);
    struct retention policy;
    int said = load_policy(use, row, &policy);
    if (said < 0)
        return -1;
    *ret_lifetime_ms = retention_lifetime(said ? &policy : NULL, &bounds);
    return 0;
}
