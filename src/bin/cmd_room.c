/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "bin/admin_call.h"
#include "bin/command.h"

int cmd_room(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    if (options.n_words == 1 && strcmp(options.words[0], "orphans") == 0)
        return admin_print_pages(arena, &options, "room.orphans");
    return command_fail(COMMAND_USAGE, "chappe room orphans");
}
