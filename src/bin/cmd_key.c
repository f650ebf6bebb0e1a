/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "bin/signing_key.h"
#include "crypto/base64.h"

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

/* The act stands in the file; whether the table could be told is said, and undoes nothing. */
static int audit_rotation(struct arena *arena, const struct options *options, struct str id)
{
    const struct json *answer;
    struct str args = arena_printf(arena, "{\"key_id\":\"%.*s\"}", STR_ARG(id));
    return admin_call(arena, options, "key.rotated", args, &answer);
}

int cmd_key(struct arena *arena, int argc, char **argv)
{
    struct options options;
    struct signing_key key;
    struct err err = ERR_INIT;
    int status = command_begin(arena, argc, argv, NULL, &options);
    const char *word = options.n_words == 1 ? options.words[0] : "";
    bool rotate = strcmp(word, "rotate") == 0;
    if (status != COMMAND_OK)
        return status;
    if (!rotate && strcmp(word, "show") != 0)
        return command_fail(COMMAND_USAGE, "chappe key rotate|show");
    const char *path = options.config.signing_key.p;
    if ((rotate ? signing_key_rotate(arena, path, clock_wall_ms(), &key, &err)
                : signing_key_load(arena, path, &key, &err)) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail);
    print_keys(arena, &key);
    if (rotate)
        status = audit_rotation(arena, &options, key.id);
    signing_key_done(&key);
    if (rotate)
        fputs("Un serveur en marche prend la nouvelle clé à son prochain démarrage.\n"
              "A running server takes the new key when it starts next.\n",
              stderr);
    return status;
}
