/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/buf.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

struct token_words {
    const char *token, *uses, *days;
};

/* A count is a whole number from 1; absent: without end. */
static int write_count(struct json_writer *w, struct str key, const char *text)
{
    int64_t value;
    if (!text)
        return 0;
    if (str_parse_uint(str_from(text), &value) < 0 || value == 0)
        return -1;
    json_write_member_int(w, key, value);
    return 0;
}

static int write_args(struct arena *arena, const struct token_words *words, struct str *ret_args)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, KIB(4));
    json_writer_init(&w, &out);
    json_write_object(&w);
    if (words->token)
        json_write_member_str(&w, STR("token"), str_from(words->token));
    int result = write_count(&w, STR("uses"), words->uses);
    if (result == 0)
        result = write_count(&w, STR("days"), words->days);
    json_write_end(&w);
    if (buf_is_full(&out))
        result = -1;
    *ret_args = arena_str(arena, buf_str(&out));
    buf_done(&out);
    return result;
}

/* The command, and NULL when the words do not fit it. */
static const char *command_of(const struct options *options, const struct token_words *words)
{
    const char *verb = options->n_words ? options->words[0] : "";
    bool counted = words->uses || words->days;
    if (words->token && !str_is_utf8(str_from(words->token)))
        return NULL;
    if (strcmp(verb, "add") == 0 && options->n_words <= 2)
        return "token.add";
    if (strcmp(verb, "list") == 0 && options->n_words == 1 && !counted)
        return "token.list";
    if (strcmp(verb, "delete") == 0 && options->n_words == 2 && !counted)
        return "token.delete";
    return NULL;
}

int cmd_token(struct arena *arena, int argc, char **argv)
{
    struct token_words words = {0};
    const struct option_row own[] = {
        {"--uses", NULL, &words.uses}, {"--days", NULL, &words.days}, {NULL, NULL, NULL}};
    struct options options;
    struct str args;
    const struct json *answer;
    int status = command_begin(arena, argc, argv, own, &options);
    if (status != COMMAND_OK)
        return status;
    words.token = options.n_words == 2 ? options.words[1] : NULL;
    const char *command = command_of(&options, &words);
    if (!command || write_args(arena, &words, &args) < 0)
        return command_fail(COMMAND_USAGE,
                            "chappe token add [TOKEN] [--uses N] [--days N] | list | delete TOKEN");
    status = admin_call(arena, &options, command, args, &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
