/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

struct notice_words {
    const char *name; /* NULL: everybody */
    struct str body;
    int64_t after;
};

static struct str write_args(struct arena *arena, const struct notice_words *words)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, MIB(1));
    json_writer_init(&w, &out);
    json_write_object(&w);
    if (words->name)
        json_write_member_str(&w, STR("name"), str_from(words->name));
    json_write_member_str(&w, STR("body"), words->body);
    json_write_member_int(&w, STR("after"), words->after);
    json_write_end(&w);
    struct str args = arena_str(arena, buf_str(&out));
    buf_done(&out);
    return args;
}

/* Page after page, each with memory of its own. */
static int send_notices(const struct options *options, struct notice_words *words)
{
    for (;;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(4 * LIMIT_ADMIN_MESSAGE);
        const struct json *answer;
        int status = admin_call(arena, options, words->name ? "notice.send" : "notice.all",
                                write_args(arena, words), &answer);
        if (status == COMMAND_OK)
            status = admin_print(answer);
        if (status != COMMAND_OK || !json_as_int(json_find(answer, STR("next")), &words->after))
            return status;
    }
}

int cmd_notice(struct arena *arena, int argc, char **argv)
{
    struct notice_words words = {0};
    const char *file = NULL;
    bool all = false;
    const struct option_row own[] = {
        {"--file", NULL, &file}, {"--all", &all, NULL}, {NULL, NULL, NULL}};
    struct options options;
    struct err err = ERR_INIT;
    int status = command_begin(arena, argc, argv, own, &options);
    if (status != COMMAND_OK)
        return status;
    words.name = options.n_words == 1 ? options.words[0] : NULL;
    if (!file || options.n_words > 1 || all == (words.name != NULL) ||
        (words.name && !str_is_utf8(str_from(words.name))))
        return command_fail(COMMAND_USAGE, "chappe notice NAME|--all --file FILE");
    if (file_read(arena, file, LIMIT_NOTICE_BYTES, &words.body, &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail[0] ? err.detail : err.text);
    while (words.body.n && words.body.p[words.body.n - 1] == '\n')
        words.body.n--;
    if (!str_is_utf8(words.body))
        return command_fail(COMMAND_FAILED, "%s is not UTF-8", file);
    return send_notices(&options, &words);
}
