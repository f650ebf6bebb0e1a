/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/command.h"
#include "service/scan/caged.h"

/* Started by the server alone, with its socket as standard input: it says so to whoever tries. */
int cmd_scan(struct arena *arena, int argc, char **argv)
{
    struct err err = ERR_INIT;
    (void)arena;
    if (argc != 1)
        return command_fail(COMMAND_USAGE, "chappe scan is started by the server: KEY-FILE");
    caged_run(argv[0], &err);
    return command_fail(COMMAND_FAILED, "chappe scan: %s", err.detail);
}
