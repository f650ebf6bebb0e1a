/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/config.h"

#define PATH_STORE "path:"

const char *config_media_directory(const struct config *config)
{
    bool is = str_starts(config->media_store, STR(PATH_STORE));
    return is ? config->media_store.p + sizeof PATH_STORE - 1 : NULL;
}

static bool is_loopback(struct str address)
{
    return str_starts(address, STR("127.")) || str_eq(address, STR("::1"));
}

bool config_is_local(const struct config *config)
{
    for (size_t i = 0; i < config->n_listen; i++)
        if (!is_loopback(config->listen[i].address))
            return false;
    return true;
}

static bool stays_at_home(const struct config *config)
{
    return config_is_local(config) && !config->public_url.p &&
           str_starts(config->mail_transport, STR("file:"));
}

static bool has_no_map(const struct config *config)
{
    return config->registration_mode == CONFIG_REGISTRATION_EMAIL && !config->domains.p;
}

bool config_is_demonstration(const struct config *config)
{
    return has_no_map(config) && stays_at_home(config);
}

bool config_wants_domains(const struct config *config)
{
    return has_no_map(config) && !stays_at_home(config);
}

struct str config_next_theme(struct str *rest)
{
    struct str theme;
    while (rest->n) {
        str_cut(*rest, ',', &theme, rest);
        theme = str_trim(theme);
        if (theme.n)
            return theme;
    }
    return STR_NONE;
}

bool config_has_theme(const struct config *config, struct str theme)
{
    struct str rest = config->rooms_themes, one;
    while ((one = config_next_theme(&rest)).p)
        if (str_eq(one, theme))
            return true;
    return false;
}
