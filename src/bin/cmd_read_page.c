/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/command.h"
#include "cage/page.h"

/* Started by cage_read_page, with pipes; of no use to a person. */
int cmd_read_page(struct arena *arena, int argc, char **argv)
{
    (void)arena;
    (void)argv;
    if (argc != 0)
        return command_fail(COMMAND_USAGE, "read-page takes no words: the server starts it");
    page_run();
}
