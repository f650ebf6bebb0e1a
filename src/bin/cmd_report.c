/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "bin/admin_call.h"
#include "bin/command.h"

int cmd_report(struct arena *arena, int argc, char **argv)
{
    static const char usage[] = "chappe report list [--before NUMBER]";
    const char *before = NULL;
    const struct option_row own[] = {{"--before", NULL, &before}, {NULL, NULL, NULL}};
    struct options options;
    const struct json *answer;
    int64_t number = 0;
    int status = command_begin(arena, argc, argv, own, &options);
    if (status != COMMAND_OK)
        return status;
    if (options.n_words != 1 || strcmp(options.words[0], "list") != 0 ||
        (before && str_parse_uint(str_from(before), &number) < 0))
        return command_fail(COMMAND_USAGE, "%s", usage);
    struct str args = arena_printf(arena, "{\"before\":%lld}", (long long)number);
    status = admin_call(arena, &options, "report.list", args, &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
