/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/lookup.h"

#include "crypto/base64.h"
#include "store/email.h"

#define PEPPER_CHARS 22

struct str lookup_pepper(struct server *server, struct arena *arena)
{
    unsigned char digest[SHA256_BYTES];
    sha256(arena_printf(arena, "chappe lookup %.*s", STR_ARG(server->name)), digest);
    return str_first(base64_encode_arena(arena, str_make(digest, sizeof digest), BASE64_URL),
                     PEPPER_CHARS);
}

void lookup_hash(struct server *server, struct arena *arena, const struct email *email,
                 unsigned char ret_hash[SHA256_BYTES])
{
    sha256(arena_printf(arena, "%.*s email %.*s", STR_ARG(email->full),
                        STR_ARG(lookup_pepper(server, arena))),
           ret_hash);
}

int lookup_find(struct use *use, struct str hash, struct str *ret_user_id)
{
    struct str bytes;
    int64_t user;
    if (base64_decode(use->arena, hash, BASE64_URL, &bytes) < 0 || bytes.n != SHA256_BYTES)
        return 0;
    int found = email_find_hash(&use->read, bytes, &user, &use->err);
    if (found == 1 && store_name(use->server->store, user, use->arena, ret_user_id, &use->err) < 0)
        return -1;
    return found;
}
