/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/token.h"

#include "base/mem.h"
#include "base/random.h"

/* Bytes from the last whole multiple of the alphabet's size on are thrown away, so that every
 * character is equally likely. */
static struct str draw(struct arena *arena, size_t n, struct str alphabet)
{
    unsigned char drawn[32];
    unsigned int limit = 256 - 256 % (unsigned int)alphabet.n;
    char *text = arena_alloc(arena, n + 1, 1);
    for (size_t at = 0; at < n;) {
        random_bytes(drawn, sizeof drawn);
        for (size_t i = 0; i < sizeof drawn && at < n; i++)
            if (drawn[i] < limit)
                text[at++] = alphabet.p[drawn[i] % alphabet.n];
    }
    mem_wipe(drawn, sizeof drawn);
    return str_make(text, n);
}

struct str token_new(struct arena *arena, size_t n)
{
    return draw(arena, n, STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"));
}

struct str token_new_letters(struct arena *arena, size_t n)
{
    return draw(arena, n, STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

void token_digest(struct str token, unsigned char ret_digest[SHA256_BYTES])
{
    sha256(token, ret_digest);
}
