/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/aliases.h"

#include "base/limits.h"
#include "matrix/id.h"
#include "service/appservice/registration.h"
#include "service/rooms/access.h"
#include "service/rooms/view.h"
#include "store/alias.h"
#include "store/network_room.h"

static int parse_ours(struct use *use, struct str text)
{
    struct room_alias alias;
    if (room_alias_parse(text, &alias, &use->err) < 0)
        return -1;
    if (!str_eq(alias.server, use->server->name))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "This alias is of another server");
    return 0;
}

static int find(struct use *use, struct str text, struct alias *ret_alias)
{
    struct room_alias parsed;
    if (room_alias_parse(text, &parsed, &use->err) < 0)
        return -1;
    int found = alias_find(&use->read, text, ret_alias, &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "There is no such alias");
}

/* ---- making and finding ---- */

static int write_alias(struct write *w, void *arg, struct err *err)
{
    return alias_insert(w, arg, err);
}

/* Those of an application service are its own to make and to delete; 400. */
static int check_kept(struct use *use, struct str text)
{
    if (!appservice_keeps_alias(use->server->config, use->caller.appservice, text))
        return 0;
    return err_client(&use->err, 400, "M_EXCLUSIVE",
                      "This alias is kept for an application service");
}

int aliases_check_free(struct use *use, struct str text)
{
    struct alias taken;
    if (check_kept(use, text) < 0)
        return -1;
    int found = alias_find(&use->read, text, &taken, &use->err);
    if (found < 0)
        return -1;
    return found ? err_client(&use->err, 400, "M_ROOM_IN_USE", "This room alias is taken") : 0;
}

int aliases_create(struct use *use, struct str text, struct str room_id)
{
    struct alias *alias = ARENA_NEW(use->arena, struct alias);
    struct room_id id;
    struct view view;
    if (parse_ours(use, text) < 0 || check_kept(use, text) < 0 ||
        room_id_parse(room_id, &id, &use->err) < 0 || view_open_joined(use, room_id, &view) < 0)
        return -1;
    *alias = (struct alias){text, view.row.id, use->caller.user};
    return use_commit(use, write_alias, NULL, alias);
}

int aliases_find(struct use *use, struct str text, int64_t *ret_room)
{
    struct alias alias;
    if (find(use, text, &alias) < 0)
        return -1;
    *ret_room = alias.room;
    return 0;
}

/* ---- taking away ---- */

/* Members who may set the canonical alias have a say on the room's aliases and on the directory. */
static int may_name(struct view *view, bool *ret)
{
    struct power power;
    *ret = false;
    if (view->membership != MEMBERSHIP_JOIN)
        return 0;
    if (view_power(view, view->row.state, &power) < 0)
        return -1;
    *ret = power_can_send(&power, view->use->caller.user_id, STR("m.room.canonical_alias"), true);
    return 0;
}

static int write_no_alias(struct write *w, void *arg, struct err *err)
{
    const struct alias *alias = arg;
    return alias_delete(w, alias->alias, err);
}

int aliases_delete(struct use *use, struct str text)
{
    struct alias *alias = ARENA_NEW(use->arena, struct alias);
    struct view view;
    if (find(use, text, alias) < 0 || (!use->caller.admin && check_kept(use, text) < 0))
        return -1;
    bool allowed = alias->creator == use->caller.user || use->caller.admin;
    int found = allowed ? 0 : view_open(use, alias->room, &view);
    if (found < 0 || (found && may_name(&view, &allowed) < 0))
        return -1;
    if (!allowed)
        return err_client(&use->err, 403, "M_FORBIDDEN", "This alias is not yours to delete");
    return use_commit(use, write_no_alias, NULL, alias);
}

/* ---- m.room.canonical_alias ---- */

static bool has_alias(const struct json *content, struct str text)
{
    const struct json *others = json_find(content, STR("alt_aliases"));
    if (str_eq(json_find_str(content, STR("alias")), text))
        return true;
    for (size_t i = 0; json_is(others, JSON_ARRAY) && i < others->array.n; i++)
        if (str_eq(json_as_str(&others->array.items[i]), text))
            return true;
    return false;
}

static int check_alias(struct use *use, int64_t room, const struct json *current,
                       const struct json *value)
{
    struct str text = json_as_str(value);
    struct room_alias parsed;
    struct alias alias;
    if (!text.p)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "An alias is a string");
    if (room_alias_parse(text, &parsed, &use->err) < 0)
        return -1;
    if (has_alias(current, text))
        return 0;
    int found = alias_find(&use->read, text, &alias, &use->err);
    if (found < 0)
        return -1;
    if (!found || alias.room != room)
        return err_client(&use->err, 400, "M_BAD_ALIAS", "%.*s does not lead to this room",
                          STR_ARG(text));
    return 0;
}

int aliases_check_canonical(struct use *use, int64_t room, const struct json *current,
                            const struct json *content)
{
    const struct json *alias = json_find(content, STR("alias"));
    const struct json *others = json_find(content, STR("alt_aliases"));
    bool none =
        !alias || alias->kind == JSON_NULL || (alias->kind == JSON_STRING && alias->string.n == 0);
    if (!none && check_alias(use, room, current, alias) < 0)
        return -1;
    if (!others || others->kind == JSON_NULL)
        return 0;
    if (others->kind != JSON_ARRAY)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "alt_aliases is an array");
    for (size_t i = 0; i < others->array.n; i++)
        if (check_alias(use, room, current, &others->array.items[i]) < 0)
            return -1;
    return 0;
}

/* ---- the directory ---- */

int directory_find(struct use *use, struct str room_id, bool *ret_listed)
{
    struct room_id parsed;
    struct view view;
    int64_t room;
    if (room_id_parse(room_id, &parsed, &use->err) < 0)
        return -1;
    int found = rooms_find(use, room_id, &room);
    int listed = found == 1 ? directory_has(&use->read, room, &use->err) : 0;
    if (found == 1 && !listed && !use->caller.admin) {
        found = view_open(use, room, &view);
        if (found == 1 && view.membership != MEMBERSHIP_JOIN)
            found = 0;
    }
    if (found < 0 || listed < 0)
        return -1;
    *ret_listed = listed;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "Room not found");
}

struct listing {
    int64_t room;
    bool listed;
};

static int write_listing(struct write *w, void *arg, struct err *err)
{
    const struct listing *listing = arg;
    return directory_set(w, listing->room, listing->listed, err);
}

/* Under rooms.access_rules a room is listed from its birth, or never. */
static int check_kind(struct view *view, bool listed)
{
    struct use *use = view->use;
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *rules = NULL;
    if (!access_is_on(use->server))
        return 0;
    int found = view_state_pdu(view, view->row.state, names->access_rules, names->empty, &rules);
    if (found <= 0)
        return found;
    struct access_kind kind = access_kind_of(rules->content);
    if (kind.listed == listed)
        return 0;
    (void)err_client(&use->err, 403, "M_FORBIDDEN",
                     "Whether this room is in the directory was chosen when it was made");
    return err_reason(&use->err, "visibility_fixed");
}

int directory_put(struct use *use, struct str room_id, bool listed)
{
    struct listing *listing = ARENA_NEW(use->arena, struct listing);
    struct view view;
    bool allowed;
    if (view_open_joined(use, room_id, &view) < 0 || may_name(&view, &allowed) < 0)
        return -1;
    if (!allowed)
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "You may not change what the directory says of this room");
    if (check_kind(&view, listed) < 0)
        return -1;
    *listing = (struct listing){view.row.id, listed};
    return use_commit(use, write_listing, NULL, listing);
}

/* ---- lists of third-party networks ---- */

struct network_listing {
    struct str instance;
    int64_t room;
    bool listed;
};

static int write_network_listing(struct write *w, void *arg, struct err *err)
{
    const struct network_listing *listing = arg;
    return network_room_set(w, listing->instance, listing->room, listing->listed, err);
}

struct str directory_instance(struct arena *arena, const struct appservice *as, struct str network)
{
    return arena_printf(arena, "%.*s|%.*s", STR_ARG(as->id), STR_ARG(network));
}

int directory_put_network(struct use *use, struct str network, struct str room_id, bool listed)
{
    struct network_listing *listing = ARENA_NEW(use->arena, struct network_listing);
    const struct appservice *as = use->caller.appservice;
    struct view view;
    if (!as)
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "Lists of networks are for application services");
    if (network.n > LIMIT_APPSERVICE_ID)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "No network has so long a name");
    if (view_open_joined(use, room_id, &view) < 0)
        return -1;
    *listing =
        (struct network_listing){directory_instance(use->arena, as, network), view.row.id, listed};
    return use_commit(use, write_network_listing, NULL, listing);
}
