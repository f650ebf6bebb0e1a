/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/command.h"

#include <stdarg.h>
#include <stdio.h>

int command_fail(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("chappe: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

int command_begin(struct arena *arena, int argc, char **argv, const struct option_row *own,
                  struct options *ret_options)
{
    struct err err = ERR_INIT;
    if (options_parse(arena, argc, argv, own, ret_options, &err) < 0)
        return command_fail(COMMAND_USAGE, "%s", err.detail);
    if (options_load(ret_options, &err) < 0)
        return command_fail(COMMAND_CONFIG, "%s", err.detail);
    return COMMAND_OK;
}
