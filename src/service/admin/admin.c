/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/admin.h"

#include "base/limits.h"
#include "base/log.h"
#include "json/decode.h"
#include "json/write.h"

/* A directory listing of a large server must fit. */
#define ADMIN_ARENA_BYTES (4 * LIMIT_ADMIN_MESSAGE)

struct admin_request {
    struct str command;
    const struct json *args;
};

static const struct json_field request_fields[] = {
    JSON_FIELD(struct admin_request, command, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct admin_request, args, JSON_WANT_OBJECT, JSON_REQUIRED, 0),
};

static const struct admin_command *find(struct str name)
{
    for (const struct admin_command *c = admin_commands; c->name; c++)
        if (str_eq(str_from(c->name), name))
            return c;
    return NULL;
}

static int run(struct use *use, struct str text, struct buf *answer)
{
    struct admin_request request = {0};
    const struct json *doc;
    if (json_parse(use->arena, text, &doc, &use->err) < 0 ||
        json_decode(doc, request_fields, ARRAY_LEN(request_fields), &request, &use->err) < 0)
        return -1;
    const struct admin_command *command = find(request.command);
    if (!command)
        return err_client(&use->err, 404, "M_UNRECOGNIZED", "This version has no command \"%.*s\"",
                          STR_ARG(str_first(request.command, 64)));
    if (command->run(use, request.args, answer) < 0)
        return -1;
    if (buf_is_full(answer) || arena_is_over(use->arena))
        return err_client(&use->err, 413, "M_TOO_LARGE", "The answer would be too large");
    return 0;
}

static void write_answer(struct buf *out, struct str answer)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_object(&w);
    json_write_member_bool(&w, STR("ok"), true);
    json_write_member_raw(&w, STR("answer"), answer.n ? answer : STR("{}"));
    json_write_end(&w);
}

/* The caller is the operator: the detail that goes to the log is for the same eyes. */
static void write_error(struct buf *out, const struct err *err)
{
    struct json_writer w;
    bool client = err->kind == ERR_KIND_CLIENT;
    struct str text = str_from(!client && err->detail[0] ? err->detail : err->text);
    json_writer_init(&w, out);
    json_write_object(&w);
    json_write_member_bool(&w, STR("ok"), false);
    json_write_member_str(&w, STR("errcode"), str_from(client ? err->errcode : "M_UNKNOWN"));
    json_write_member_str(&w, STR("error"), str_is_utf8(text) ? text : STR("(not UTF-8)"));
    json_write_end(&w);
}

void admin_run(struct server *server, struct str request, struct buf *out)
{
    struct use use = {.server = server, .arena = arena_new(ADMIN_ARENA_BYTES)};
    struct buf answer;
    buf_init(&answer, LIMIT_ADMIN_MESSAGE - KIB(1));
    read_begin(server->store, &use.read);
    if (run(&use, request, &answer) == 0)
        write_answer(out, buf_str(&answer));
    else
        write_error(out, &use.err);
    read_end(&use.read);
    if (use.err.kind == ERR_KIND_INTERNAL)
        log_line(LOG_LEVEL_ERROR, "command_failed", "detail", LOG_Z(use.err.detail), NULL);
    buf_done(&answer);
    arena_free(use.arena);
}
