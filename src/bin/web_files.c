/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/web_files.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static bool has_client(struct arena *arena, struct str directory)
{
    return access(arena_printf(arena, "%.*s/index.html", STR_ARG(directory)).p, R_OK) == 0;
}

/* STR_NONE when the system does not tell. */
static struct str program_directory(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    const char *slash = n > 0 && n < PATH_MAX ? memrchr(path, '/', (size_t)n) : NULL;
    return slash ? arena_str(arena, (struct str){path, (size_t)(slash - path)}) : STR_NONE;
}

int web_files_find(struct arena *arena, struct config *config, struct err *err)
{
    static const char *const places[] = {"web", "../share/chappe/web"};
    struct str given = config->web_files, program = program_directory(arena);
    config->web_files = STR_NONE;
    if (!config->web_client)
        return 0;
    if (given.p && !has_client(arena, given))
        return err_internal(err, "web.files: no index.html in %.*s", STR_ARG(given));
    config->web_files = given;
    for (size_t i = 0; program.p && !config->web_files.p && i < ARRAY_LEN(places); i++) {
        struct str place = arena_printf(arena, "%.*s/%s", STR_ARG(program), places[i]);
        if (has_client(arena, place))
            config->web_files = place;
    }
    return 0;
}
