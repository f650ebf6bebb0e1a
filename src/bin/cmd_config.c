/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "bin/command.h"
#include "bin/config.h"

#define OUTPUT_BYTES_MAX KIB(256)

static int print(const struct buf *out)
{
    return fwrite(out->p, 1, out->n, stdout) == out->n && fflush(stdout) == 0
               ? COMMAND_OK
               : command_fail(COMMAND_FAILED, "standard output cannot be written");
}

int cmd_config(struct arena *arena, int argc, char **argv)
{
    struct options options;
    struct buf out;
    int status = command_begin(arena, argc, argv, NULL, &options);
    const char *word = options.n_words == 1 ? options.words[0] : "";
    if (status != COMMAND_OK)
        return status;
    if (strcmp(word, "check") == 0)
        return COMMAND_OK;
    buf_init(&out, OUTPUT_BYTES_MAX);
    if (strcmp(word, "show") == 0)
        config_show(&options.settings, &options.config, &out);
    else if (strcmp(word, "schema") == 0)
        config_schema(&out);
    status = out.n ? print(&out) : command_fail(COMMAND_USAGE, "chappe config show|check|schema");
    buf_done(&out);
    return status;
}
