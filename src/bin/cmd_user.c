/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "bin/file.h"
#include "json/write.h"

/* What each takes beside the name; the commands themselves are in service/admin. */
static const struct user_verb {
    const char *word, *command, *usage;
    bool names_user, takes_password, may_be_admin;
} verbs[] = {
    {"add", "user.add", "add NAME --password-file FILE [--admin]", true, true, true},
    {"list", "user.list", "list", false, false, false},
    {"show", "user.show", "show NAME", true, false, false},
    {"password", "user.password", "password NAME --password-file FILE", true, true, false},
    {"deactivate", "user.deactivate", "deactivate NAME", true, false, false},
    {"lock", "user.lock", "lock NAME", true, false, false},
    {"unlock", "user.unlock", "unlock NAME", true, false, false},
    {"suspend", "user.suspend", "suspend NAME", true, false, false},
    {"unsuspend", "user.unsuspend", "unsuspend NAME", true, false, false},
};

struct user_words {
    bool admin;
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

static int write_args(struct arena *arena, const struct user_verb *verb, const char *name,
                      const struct user_words *words, struct str *ret_args, struct err *err)
{
    struct str password = STR_NONE;
    struct json_writer w;
    struct buf out;
    if (verb->takes_password && read_password(arena, words->password_file, &password, err) < 0)
        return -1;
    buf_init(&out, KIB(16));
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("name"), str_from(name));
    if (verb->takes_password)
        json_write_member_str(&w, STR("password"), password);
    if (verb->may_be_admin)
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
    if (options->n_words != (verb->names_user ? 2u : 1u) ||
        !verb->takes_password != !words->password_file || (words->admin && !verb->may_be_admin))
        return verb->usage;
    if (verb->names_user && !str_is_utf8(str_from(options->words[1])))
        return "the name is not UTF-8";
    return NULL;
}

int cmd_user(struct arena *arena, int argc, char **argv)
{
    struct user_words words = {0};
    const struct option_row own[] = {{"--admin", &words.admin, NULL},
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
                            "chappe user add|list|show|password|deactivate|lock|unlock|"
                            "suspend|unsuspend");
    if (words.email)
        return command_fail(COMMAND_UNAVAILABLE, "--email: addresses come with sign-up by e-mail");
    const char *wrong = wrong_words(verb, &options, &words);
    if (wrong)
        return command_fail(COMMAND_USAGE, "chappe user %s", wrong);
    if (!verb->names_user)
        return admin_print_pages(arena, &options, verb->command);
    if (write_args(arena, verb, options.words[1], &words, &args, &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail);
    status = admin_call(arena, &options, verb->command, args, &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}
