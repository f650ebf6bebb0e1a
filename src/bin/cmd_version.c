/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "bin/command.h"
#include "bin/version.h"

int cmd_version(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    printf("chappe %s\ncommit %s\n%s", VERSION_NUMBER, VERSION_COMMIT, VERSION_LIBRARIES);
    return COMMAND_OK;
}
