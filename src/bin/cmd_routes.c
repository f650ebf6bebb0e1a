/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "api/front.h"
#include "bin/command.h"

static void print(void *arg, const char *method, const char *path)
{
    fprintf(arg, "%s\t%s\n", method, path);
}

int cmd_routes(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    api_front_print_routes(print, stdout);
    return fflush(stdout) == 0 ? COMMAND_OK
                               : command_fail(COMMAND_FAILED, "standard output cannot be written");
}
