/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "crypto/base64.h"
#include "service/federation/signing_key.h"

static void print_key(const char *what, struct str id, struct str public_key, int64_t expired_ms)
{
    struct buf line;
    buf_init(&line, 512);
    buf_printf(&line, "%s %.*s ", what, STR_ARG(id));
    base64_encode(&line, public_key, BASE64_STANDARD);
    if (expired_ms)
        buf_printf(&line, " %lld", (long long)expired_ms);
    printf("%.*s\n", STR_ARG(buf_str(&line)));
    buf_done(&line);
}

/* Public halves only. */
static void print_keys(struct arena *arena, const struct signing_key *key)
{
    print_key("verify_key", key->id, str_make(key->key.public_key, ED25519_PUBLIC_BYTES), 0);
    for (size_t i = 0; i < key->n_old; i++)
        print_key("old_verify_key",
                  arena_printf(arena, "ed25519:%.*s", STR_ARG(key->old[i].version)),
                  key->old[i].public_key, key->old[i].expired_ms);
}

static int show(struct arena *arena, const struct options *options)
{
    struct signing_key key;
    struct err err = ERR_INIT;
    if (signing_key_load(arena, options->config.signing_key.p, &key, &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail);
    print_keys(arena, &key);
    signing_key_done(&key);
    return COMMAND_OK;
}

/* The server does it, the running one or one in this process: it signs with the new key from here
 * on. */
static int rotate(struct arena *arena, const struct options *options)
{
    const struct json *answer;
    int status = admin_call(arena, options, "key.rotate", STR("{}"), &answer);
    return status == COMMAND_OK ? show(arena, options) : status;
}

int cmd_key(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    const char *word = options.n_words == 1 ? options.words[0] : "";
    if (status != COMMAND_OK)
        return status;
    if (strcmp(word, "rotate") == 0)
        return rotate(arena, &options);
    if (strcmp(word, "show") == 0)
        return show(arena, &options);
    return command_fail(COMMAND_USAGE, "chappe key rotate|show");
}
