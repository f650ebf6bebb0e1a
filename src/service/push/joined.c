/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/joined.h"

#include "base/limits.h"
#include "store/event.h"
#include "store/state.h"

#define HOPS 20

/* Goes back by one: 1 *id was a join too, and is the one before it now (0: there is none); 0 it was
 * none, or is old enough; -1. In memory of its own: each may be as large as an event can be. */
static int hop(struct view *view, int64_t enough, int64_t *id, int64_t *ret_place)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = view->use;
    struct pdu pdu;
    int found = event_load(&use->read, *id, &event, &use->err);
    if (found != 1)
        return found;
    if (pdu_open(scratch, view->version, event->json, event->hash, &pdu, &use->err) < 0)
        return -1;
    if (!str_eq(json_find_str(pdu.content, STR("membership")), STR("join")))
        return 0;
    *ret_place = event->place;
    if (event->place < enough)
        return 0;
    found =
        state_find(&use->read, event->state_before, event->type, event->state_key, id, &use->err);
    if (found == 0)
        *id = 0;
    return found < 0 ? -1 : 1;
}

int joined_find(struct view *view, int64_t member, int64_t enough, int64_t *ret_place)
{
    int more = 1;
    *ret_place = INT64_MAX;
    for (int n = 0; more == 1 && member && n < HOPS; n++)
        more = hop(view, enough, &member, ret_place);
    return more < 0 ? -1 : 0;
}
