/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/settings.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"

void settings_init(struct settings *settings, struct arena *arena)
{
    *settings = (struct settings){.arena = arena};
}

void settings_add(struct settings *settings, struct str key, struct str value, struct str where)
{
    struct setting setting = {
        .key = arena_str(settings->arena, key),
        .value = arena_str(settings->arena, value),
        .where = arena_str(settings->arena, where),
    };
    ARENA_VEC_ADD(settings->arena, settings, setting);
}

int settings_add_pair(struct settings *settings, struct str pair, struct err *err)
{
    struct str key, value;
    if (!str_cut(pair, '=', &key, &value) || key.n == 0)
        return err_internal(err, "--set %.*s: KEY=VALUE is wanted", STR_ARG(pair));
    settings_add(settings, key, value, STR("--set"));
    return 0;
}

int settings_add_file(struct settings *settings, const char *path, struct err *err)
{
    struct str text;
    if (file_read(settings->arena, path, LIMIT_CONFIG_BYTES, &text, err) < 0)
        return -1;
    return settings_add_yaml(settings, text, path, err);
}
