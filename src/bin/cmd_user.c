/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "json/write.h"

#define TAKES_NAME     1u
#define TAKES_PASSWORD 2u
#define TAKES_ADDRESS  4u /* a word after the name */
#define MAY_BE_ADMIN   8u /* and have an address */
#define MAY_ERASE      16u
#define TAKES_PAGES    32u /* what is asked for goes on in user.sent */

/* What each takes; the commands themselves are in service/admin. */
static const struct user_verb {
    const char *word, *command, *usage;
    unsigned takes;
} verbs[] = {
    {"add", "user.add", "add NAME --password-file FILE [--admin] [--email ADDRESS]",
     TAKES_NAME | TAKES_PASSWORD | MAY_BE_ADMIN},
    {"list", "user.list", "list", 0},
    {"show", "user.show", "show NAME", TAKES_NAME},
    {"password", "user.password", "password NAME --password-file FILE",
     TAKES_NAME | TAKES_PASSWORD},
    {"deactivate", "user.deactivate", "deactivate NAME [--erase]", TAKES_NAME | MAY_ERASE},
    {"email", "user.email", "email NAME ADDRESS", TAKES_NAME | TAKES_ADDRESS},
    {"export", "user.export", "export NAME", TAKES_NAME | TAKES_PAGES},
    {"lock", "user.lock", "lock NAME", TAKES_NAME},
    {"unlock", "user.unlock", "unlock NAME", TAKES_NAME},
    {"suspend", "user.suspend", "suspend NAME", TAKES_NAME},
    {"unsuspend", "user.unsuspend", "unsuspend NAME", TAKES_NAME},
};

struct user_words {
    bool admin, erase;
    const char *password_file, *email;
};

static const struct user_verb *find_verb(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcmp(verbs[i].word, word) == 0)
            return &verbs[i];
    return NULL;
}

/* The first line of the file is the password. */
static int read_password(struct arena *arena, const char *path, struct str *ret_password,
                         struct err *err)
{
    struct str text, rest;
    if (file_read(arena, path, LIMIT_PASSWORD_BYTES + 1, &text, err) < 0)
        return -1;
    str_cut(text, '\n', ret_password, &rest);
    if (rest.n || ret_password->n == 0 || !str_is_utf8(*ret_password))
        return err_internal(err, "%s: one line of UTF-8 is wanted", path);
    return 0;
}

static int write_args(struct arena *arena, const struct user_verb *verb,
                      const struct options *options, const struct user_words *words,
                      struct str *ret_args, struct err *err)
{
    struct str password = STR_NONE;
    struct json_writer w;
    struct buf out;
    if ((verb->takes & TAKES_PASSWORD) &&
        read_password(arena, words->password_file, &password, err) < 0)
        return -1;
    buf_init(&out, KIB(16));
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("name"), str_from(options->words[1]));
    if ((verb->takes & TAKES_ADDRESS) || words->email)
        json_write_member_str(&w, STR("email"),
                              str_from(words->email ? words->email : options->words[2]));
    if (words->erase)
        json_write_member_bool(&w, STR("erase"), true);
    if (verb->takes & TAKES_PASSWORD)
        json_write_member_str(&w, STR("password"), password);
    if (verb->takes & MAY_BE_ADMIN)
        json_write_member_bool(&w, STR("admin"), words->admin);
    json_write_end(&w);
    *ret_args = arena_str(arena, buf_str(&out));
    int result = buf_is_full(&out) ? err_internal(err, "the name is too long") : 0;
    mem_wipe(out.p, out.capacity);
    buf_done(&out);
    return result;
}

/* NULL: the words fit the verb. */
static const char *wrong_words(const struct user_verb *verb, const struct options *options,
                               const struct user_words *words)
{
    size_t wanted = 1u + ((verb->takes & TAKES_NAME) != 0) + ((verb->takes & TAKES_ADDRESS) != 0);
    if (options->n_words != wanted || !(verb->takes & TAKES_PASSWORD) != !words->password_file ||
        ((words->admin || words->email) && !(verb->takes & MAY_BE_ADMIN)) ||
        (words->erase && !(verb->takes & MAY_ERASE)))
        return verb->usage;
    for (size_t i = 1; i < options->n_words; i++)
        if (!str_is_utf8(str_from(options->words[i])))
            return "a word is not UTF-8";
    if (words->email && !str_is_utf8(str_from(words->email)))
        return "the address is not UTF-8";
    return NULL;
}

/* What they sent, page after page: each answer but the last says where the next one begins. */
static int print_sent(const struct options *options)
{
    int64_t room = 0, before = 0;
    int status = COMMAND_OK;
    for (bool more = true; status == COMMAND_OK && more;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(4 * LIMIT_ADMIN_MESSAGE);
        const struct json *answer;
        struct json_writer w;
        struct buf args;
        buf_init(&args, KIB(16));
        json_writer_init(&w, &args);
        json_write_object(&w);
        json_write_member_str(&w, STR("name"), str_from(options->words[1]));
        json_write_member_int(&w, STR("room"), room);
        json_write_member_int(&w, STR("before"), before);
        json_write_end(&w);
        status = admin_call(arena, options, "user.sent", buf_str(&args), &answer);
        buf_done(&args);
        if (status == COMMAND_OK)
            status = admin_print(answer);
        more = status == COMMAND_OK && json_as_int(json_find(answer, STR("room")), &room) &&
               json_as_int(json_find(answer, STR("before")), &before);
    }
    return status;
}

int cmd_user(struct arena *arena, int argc, char **argv)
{
    struct user_words words = {0};
    const struct option_row own[] = {{"--admin", &words.admin, NULL},
                                     {"--erase", &words.erase, NULL},
                                     {"--password-file", NULL, &words.password_file},
                                     {"--email", NULL, &words.email},
                                     {NULL, NULL, NULL}};
    struct options options;
    struct err err = ERR_INIT;
    struct str args;
    const struct json *answer;
    int status = command_begin(arena, argc, argv, own, &options);
    if (status != COMMAND_OK)
        return status;
    const struct user_verb *verb = find_verb(options.n_words ? options.words[0] : "");
    if (!verb)
        return command_fail(COMMAND_USAGE,
                            "chappe user add|list|show|password|email|export|deactivate|"
                            "lock|unlock|suspend|unsuspend");
    const char *wrong = wrong_words(verb, &options, &words);
    if (wrong)
        return command_fail(COMMAND_USAGE, "chappe user %s", wrong);
    if (!(verb->takes & TAKES_NAME))
        return admin_print_pages(arena, &options, verb->command);
    if (write_args(arena, verb, &options, &words, &args, &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail);
    status = admin_call(arena, &options, verb->command, args, &answer);
    if (status == COMMAND_OK)
        status = admin_print(answer);
    return status == COMMAND_OK && (verb->takes & TAKES_PAGES) ? print_sent(&options) : status;
}
