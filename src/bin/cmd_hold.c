/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

static struct str write_args(struct arena *arena, const char *target, const char *reason)
{
    CLEANUP(buf_done) struct buf args;
    struct json_writer w;
    buf_init(&args, KIB(64));
    json_writer_init(&w, &args);
    json_write_object(&w);
    if (target)
        json_write_member_str(&w, STR("target"), str_from(target));
    if (reason)
        json_write_member_str(&w, STR("reason"), str_from(reason));
    json_write_end(&w);
    return arena_str(arena, buf_str(&args));
}

/* The command, and NULL when the words do not fit it. */
static const char *command_of(const struct options *options, const char *reason)
{
    const char *verb = options->n_words ? options->words[0] : "";
    if (options->n_words == 2 && !str_is_utf8(str_from(options->words[1])))
        return NULL;
    if (strcmp(verb, "add") == 0 && options->n_words == 2)
        return !reason || str_is_utf8(str_from(reason)) ? "hold.add" : NULL;
    if (strcmp(verb, "release") == 0 && options->n_words == 2 && !reason)
        return "hold.release";
    return strcmp(verb, "list") == 0 && options->n_words == 1 && !reason ? "hold.list" : NULL;
}

int cmd_hold(struct arena *arena, int argc, char **argv)
{
    const char *reason = NULL;
    const struct option_row own[] = {{"--reason", NULL, &reason}, {NULL, NULL, NULL}};
    struct options options;
    const struct json *answer;
    int status = command_begin(arena, argc, argv, own, &options);
    if (status != COMMAND_OK)
        return status;
    const char *command = command_of(&options, reason);
    if (!command)
        return command_fail(COMMAND_USAGE,
                            "chappe hold add ROOM_ID|NAME [--reason TEXT] | release ROOM_ID|NAME"
                            " | list");
    struct str args = write_args(arena, options.n_words == 2 ? options.words[1] : NULL, reason);
    status = admin_call(arena, &options, command, args, &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
