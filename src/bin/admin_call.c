/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/admin_call.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "bin/admin_socket.h"
#include "bin/command.h"
#include "bin/data_dir.h"
#include "bin/domain_file.h"
#include "service/admin/admin.h"
#include "service/federation/signing_key.h"
#include "service/server.h"
#include "json/write.h"

static struct str write_request(struct arena *arena, const char *command, struct str args)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, LIMIT_ADMIN_MESSAGE);
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("command"), str_from(command));
    json_write_member_raw(&w, STR("args"), args);
    json_write_end(&w);
    struct str text = buf_is_full(&out) ? STR_NONE : arena_str(arena, buf_str(&out));
    buf_done(&out);
    return text;
}

/* In this process: the server's parts without its listeners. */
static int run_here(struct arena *arena, const struct config *config, struct str request,
                    struct str *ret_answer, struct err *err)
{
    struct signing_key key;
    struct server *server;
    struct buf out;
    if (signing_key_load_or_make(arena, config->signing_key.p, &key, err) < 0)
        return -1;
    int result = server_open(config, &key.key, key.id, &server, err);
    signing_key_done(&key);
    if (result < 0)
        return -1;
    if (domain_file_serve(server, config, err) < 0) {
        server_close(server);
        return -1;
    }
    buf_init(&out, LIMIT_ADMIN_MESSAGE);
    admin_run(server, request, &out);
    *ret_answer = arena_str(arena, buf_str(&out));
    buf_done(&out);
    server_close(server);
    return 0;
}

/* COMMAND_OK and the answer's text, or a status with err filled. */
static int ask(struct arena *arena, const struct config *config, struct str request,
               struct str *ret_answer, struct err *err)
{
    CLEANUP(fd_cleanup) int lock_fd = -1;
    int asked = admin_socket_call(config->data_dir, arena, request, ret_answer, err);
    if (asked != 0)
        return asked > 0 ? COMMAND_OK : COMMAND_FAILED;
    int locked = data_dir_lock(config->data_dir, &lock_fd, err);
    if (locked <= 0)
        return locked < 0 ? COMMAND_FAILED : COMMAND_IN_USE;
    return run_here(arena, config, request, ret_answer, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

int admin_call(struct arena *arena, const struct options *options, const char *command,
               struct str args, const struct json **ret_answer)
{
    struct err err = ERR_INIT;
    struct str text;
    const struct json *doc;
    struct str request = write_request(arena, command, args);
    if (!request.p)
        return command_fail(COMMAND_USAGE, "the request would be too large");
    int status = ask(arena, &options->config, request, &text, &err);
    if (status != COMMAND_OK)
        return command_fail(status, "%s", err.detail[0] ? err.detail : err.text);
    if (json_parse(arena, text, &doc, &err) < 0)
        return command_fail(COMMAND_FAILED, "the server's answer cannot be read: %s", err.text);
    if (!json_as_bool(json_find(doc, STR("ok")), false))
        return command_fail(COMMAND_FAILED, "%.*s", STR_ARG(json_find_str(doc, STR("error"))));
    *ret_answer = json_find(doc, STR("answer"));
    return COMMAND_OK;
}

int admin_print(const struct json *answer)
{
    const struct json *lines = json_find(answer, STR("lines"));
    for (size_t i = 0; json_is(lines, JSON_ARRAY) && i < lines->array.n; i++)
        printf("%.*s\n", STR_ARG(json_as_str(&lines->array.items[i])));
    return fflush(stdout) == 0 ? COMMAND_OK
                               : command_fail(COMMAND_FAILED, "standard output cannot be written");
}

int admin_print_pages(struct arena *arena, const struct options *options, const char *command)
{
    int64_t after = 0;
    for (;;) {
        const struct json *answer;
        struct str args = arena_printf(arena, "{\"after\":%lld}", (long long)after);
        int status = admin_call(arena, options, command, args, &answer);
        if (status == COMMAND_OK)
            status = admin_print(answer);
        if (status != COMMAND_OK || !json_as_int(json_find(answer, STR("next")), &after))
            return status;
    }
}
