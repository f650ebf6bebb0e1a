/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/access.h"

#include "service/config.h"
#include "service/rooms/room_private.h"
#include "service/rooms/view.h"
#include "store/account.h"

bool access_is_on(const struct server *server)
{
    return server->config->rooms_access_rules;
}

int access_refuse_external(struct use *use, const char *reason, const char *text)
{
    if (!use->caller.external || !access_is_on(use->server))
        return 0;
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "%s", text);
    return err_reason(&use->err, reason);
}

/* ---- what the rules ask ---- */

/* Users of other servers are agents until federation tells their servers apart. */
static int is_external(void *context, struct str user_id, struct err *err)
{
    struct change *change = context;
    struct use *use = change->use;
    bool external = false;
    int64_t user;
    int found = store_find_name(use->server->store, user_id, &user, err);
    if (found != 1)
        return found;
    return account_is_external(&use->read, user, &external, err) < 0 ? -1 : external;
}

/* A pending offer has a content; what the change itself decided comes first. */
static int look_at_offer(struct change *change, int64_t state_key, struct access_people *people,
                         struct err *err)
{
    struct use *use = change->use;
    const struct pdu *offer;
    int found =
        change_state_pdu(change, rooms_names(use->server)->third_party_invite, state_key, &offer);
    if (found < 0) {
        *err = use->err;
        return -1;
    }
    if (found && offer->content->object.n)
        people->offer = offer->state_key;
    return 0;
}

static int find_offer(struct change *change, struct access_people *people, struct err *err)
{
    int64_t type = rooms_names(change->use->server)->third_party_invite;
    const struct room_state_entry *entry;
    for (size_t at = 0; !people->offer.p && (entry = room_state_next(&change->room->state, &at));)
        if (entry->type == type && look_at_offer(change, entry->state_key, people, err) < 0)
            return -1;
    for (size_t i = 0; i < change->events.n && !people->offer.p; i++)
        if (change->events.p[i].event->type == type &&
            look_at_offer(change, change->events.p[i].event->state_key, people, err) < 0)
            return -1;
    return 0;
}

/* Direct rooms have two people: there is little to walk. */
static int find_people(void *context, struct str except, struct access_people *ret_people,
                       struct err *err)
{
    struct change *change = context;
    int64_t type = rooms_names(change->use->server)->member, except_name = 0;
    const struct room_state_entry *entry;
    *ret_people = (struct access_people){0};
    if (store_find_name(change->use->server->store, except, &except_name, err) < 0)
        return -1;
    for (size_t at = 0; (entry = room_state_next(&change->room->state, &at));)
        ret_people->others += entry->type == type && entry->state_key != except_name;
    for (size_t i = 0; i < change->events.n; i++) {
        const struct event *event = change->events.p[i].event;
        if (event->type == type && event->state_key != except_name &&
            !room_state_id(change->room, type, event->state_key))
            ret_people->others++;
    }
    return find_offer(change, ret_people, err);
}

int change_check_access(struct change *change, const struct pdu *pdu, enum access_address address)
{
    struct access_input input = {
        .version = change->room->version,
        .event = pdu,
        .lookup = {change_find, is_external, find_people, change},
        .address = address,
    };
    return access_is_on(change->use->server) ? access_check(&input, &change->use->err) : 0;
}

int change_access_kind(struct change *change, struct access_kind *ret_kind)
{
    const struct room_names *names = rooms_names(change->use->server);
    const struct pdu *rules;
    int found = change_state_pdu(change, names->access_rules, names->empty, &rules);
    if (found >= 0)
        *ret_kind = access_kind_of(found ? rules->content : NULL);
    return found < 0 ? -1 : 0;
}

int access_load_kind(struct use *use, int64_t room, struct access_kind *ret_kind)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *rules = NULL;
    struct view view;
    int found = view_open(use, room, &view);
    if (found < 0)
        return -1;
    if (!found)
        return rooms_refuse_outsider(use);
    found = view_state_pdu(&view, view.row.state, names->access_rules, names->empty, &rules);
    if (found >= 0)
        *ret_kind = access_kind_of(found ? rules->content : NULL);
    return found < 0 ? -1 : 0;
}
