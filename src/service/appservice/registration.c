/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/registration.h"

#include "matrix/id.h"
#include "service/config.h"

static bool holds(const struct appservice_namespaces *namespaces, bool exclusive_only,
                  struct str text)
{
    for (size_t i = 0; i < namespaces->n; i++)
        if ((namespaces->items[i].exclusive || !exclusive_only) &&
            pattern_matches(namespaces->items[i].pattern, text))
            return true;
    return false;
}

const struct appservice *appservice_find_token(const struct config *config, struct str token)
{
    const struct appservice *found = NULL;
    for (size_t i = 0; i < config->n_appservices; i++)
        if (str_eq_secret(config->appservices[i].as_token, token))
            found = &config->appservices[i];
    return found;
}

const struct appservice *appservice_find_id(const struct config *config, struct str id)
{
    for (size_t i = 0; i < config->n_appservices; i++)
        if (str_eq(config->appservices[i].id, id))
            return &config->appservices[i];
    return NULL;
}

const struct appservice *appservice_find_protocol(const struct config *config, struct str protocol)
{
    for (size_t i = 0; i < config->n_appservices; i++)
        for (size_t k = 0; k < config->appservices[i].n_protocols; k++)
            if (str_eq(config->appservices[i].protocols[k], protocol))
                return &config->appservices[i];
    return NULL;
}

static bool has_user(const struct config *config, const struct appservice *as, bool exclusive_only,
                     struct str user_id)
{
    struct user_id id;
    struct err ignored = ERR_INIT;
    if (str_eq(user_id, as->sender))
        return true;
    return user_id_parse(user_id, &id, &ignored) == 0 && str_eq(id.server, config->server_name) &&
           holds(&as->users, exclusive_only, user_id);
}

bool appservice_has_user(const struct config *config, const struct appservice *as,
                         struct str user_id)
{
    return has_user(config, as, false, user_id);
}

bool appservice_owns_user(const struct config *config, const struct appservice *as,
                          struct str user_id)
{
    return has_user(config, as, true, user_id);
}

bool appservice_has_alias(const struct appservice *as, struct str alias)
{
    return holds(&as->aliases, false, alias);
}

bool appservice_has_room(const struct appservice *as, struct str room_id)
{
    return holds(&as->rooms, false, room_id);
}

const struct appservice *appservice_find_sender(const struct config *config, struct str user_id)
{
    for (size_t i = 0; i < config->n_appservices; i++)
        if (str_eq(config->appservices[i].sender, user_id))
            return &config->appservices[i];
    return NULL;
}

bool appservice_keeps_user(const struct config *config, const struct appservice *as,
                           struct str user_id)
{
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *other = &config->appservices[i];
        if (other != as && (str_eq(other->sender, user_id) || holds(&other->users, true, user_id)))
            return true;
    }
    return false;
}

bool appservice_keeps_alias(const struct config *config, const struct appservice *as,
                            struct str alias)
{
    for (size_t i = 0; i < config->n_appservices; i++)
        if (&config->appservices[i] != as && holds(&config->appservices[i].aliases, true, alias))
            return true;
    return false;
}
