/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/welcome.h"

#include "base/limits.h"
#include "base/log.h"
#include "service/accounts/server_account.h"
#include "service/config.h"
#include "service/rooms/create_room.h"
#include "store/alias.h"

#define OWNER "chappe"
#define ALIAS "bienvenue"

/* Another node of the same store may make it at the same time. */
#define TRIES 3

static const struct new_room forum = {
    .visibility = STR_INIT("public"),
    .room_alias_name = STR_INIT(ALIAS),
    .name = STR_INIT("Bienvenue"),
    .topic = STR_INIT("Faire connaissance et essayer Chappe – Meet people and try Chappe"),
    .message = STR_INIT(
        "{\"msgtype\":\"m.text\",\"body\":\""
        "Bienvenue dans Chappe ! Ce forum est ouvert à tous les agents de la démonstration : "
        "présentez-vous, ou ouvrez une fenêtre privée pour être une deuxième personne.\\n\\n"
        "Welcome to Chappe! This forum is open to every agent of the demonstration: introduce "
        "yourself, or open a private window to be a second person.\"}"),
};

/* 1: there is such a room, and nothing to do; 0; -1. */
static int find_forum(struct use *use)
{
    struct alias found;
    return alias_find(&use->read,
                      arena_printf(use->arena, "#" ALIAS ":%.*s", STR_ARG(use->server->name)),
                      &found, &use->err);
}

static int make_owner(struct use *use)
{
    return server_account_make(use, STR(OWNER), STR("Chappe"));
}

static int make_forum(struct use *use)
{
    struct str room_id;
    if (server_account_become(use, STR(OWNER)) < 0)
        return -1;
    return rooms_create(use, &forum, &room_id);
}

/* One step, on a snapshot of its own: it sees what the one before has written. */
static int take_step(struct server *server, int (*step)(struct use *use), struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = server, .arena = arena, .err = ERR_INIT};
    read_begin(server->store, &use.read);
    int status = step(&use);
    read_end(&use.read);
    *err = use.err;
    return status;
}

static int make(struct server *server, struct err *err)
{
    int found = take_step(server, find_forum, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (take_step(server, make_owner, err) < 0)
        return -1;
    return take_step(server, make_forum, err);
}

int rooms_welcome(struct server *server, struct err *err)
{
    int status = -1;
    if (!config_is_demonstration(server->config))
        return 0;
    for (int i = 0; i < TRIES && status < 0; i++) {
        status = make(server, err);
        if (status < 0 && err->kind != ERR_KIND_CLIENT && err->kind != ERR_KIND_MOVED)
            return -1;
    }
    if (status < 0)
        log_line(LOG_LEVEL_WARN, "no_welcome_forum", "why",
                 LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
    *err = ERR_INIT;
    return 0;
}
