/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/command.h"
#include "cage/cage.h"

/* Started by cage_thumbnail, with pipes; of no use to a person. */
int cmd_decode(struct arena *arena, int argc, char **argv)
{
    (void)arena;
    (void)argv;
    if (argc != 0)
        return command_fail(COMMAND_USAGE, "decode takes no words: the server starts it");
    decode_run();
}
