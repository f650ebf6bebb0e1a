/* SPDX-License-Identifier: EUPL-1.2 */
#include <limits.h>
#include <unistd.h>

#include "base/buf.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

/* The server writes the file, from its own directory: the path must be absolute. */
static struct str write_args(struct arena *arena, const char *file)
{
    char directory[PATH_MAX];
    struct json_writer w;
    struct buf out;
    struct str path = str_from(file);
    if (file[0] != '/' && getcwd(directory, sizeof directory))
        path = arena_printf(arena, "%s/%s", directory, file);
    buf_init(&out, 4 * PATH_MAX);
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("file"), path);
    json_write_end(&w);
    struct str args = arena_str(arena, buf_str(&out));
    buf_done(&out);
    return args;
}

int cmd_backup(struct arena *arena, int argc, char **argv)
{
    struct options options;
    const struct json *answer;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    if (options.n_words != 1 || !str_is_utf8(str_from(options.words[0])))
        return command_fail(COMMAND_USAGE, "chappe backup FILE");
    status = admin_call(arena, &options, "backup", write_args(arena, options.words[0]), &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
