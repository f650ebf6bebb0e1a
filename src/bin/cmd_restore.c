/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/command.h"

int cmd_restore(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    return command_fail(COMMAND_UNAVAILABLE, "restore is not in this version (docs/status.md)");
}
