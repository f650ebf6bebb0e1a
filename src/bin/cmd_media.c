/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/buf.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

static const char *command_of(const struct options *options)
{
    static const struct {
        const char *verb, *command;
    } rows[] = {
        {"show", "media.show"},       {"quarantine", "media.quarantine"},
        {"release", "media.release"}, {"rescan", "media.rescan"},
        {"delete", "media.delete"},
    };
    if (options->n_words != 2 || !str_is_utf8(str_from(options->words[1])))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(options->words[0], rows[i].verb) == 0)
            return rows[i].command;
    return NULL;
}

int cmd_media(struct arena *arena, int argc, char **argv)
{
    struct options options;
    const struct json *answer;
    struct json_writer w;
    struct buf args;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    const char *command = command_of(&options);
    if (!command)
        return command_fail(COMMAND_USAGE,
                            "chappe media show | quarantine | release | rescan | delete URI");
    buf_init(&args, KIB(16));
    json_writer_init(&w, &args);
    json_write_object(&w);
    json_write_member_str(&w, STR("uri"), str_from(options.words[1]));
    json_write_end(&w);
    status = admin_call(arena, &options, command, arena_str(arena, buf_str(&args)), &answer);
    buf_done(&args);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
