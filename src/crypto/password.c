/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/password.h"

#include <crypt.h>
#include <sodium.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/sodium_ready.h"

/* OWASP's minimum, which is what the pool is sized for. */
#define ARGON2_PASSES 2
#define ARGON2_MEMORY MIB(19)

#define BCRYPT_HASH_BYTES     60
#define BCRYPT_PASSWORD_BYTES 72
#define BCRYPT_COST_MAX       15 /* two seconds; beyond it a foreign hash would hold the pool */

static const char *chars(struct str s)
{
    return s.p ? s.p : "";
}

int password_hash(struct arena *arena, struct str password, struct str *ret_hash, struct err *err)
{
    char hash[crypto_pwhash_STRBYTES];
    CHECK(password.n <= LIMIT_PASSWORD_BYTES);
    sodium_ready();
    if (crypto_pwhash_str_alg(hash, chars(password), password.n, ARGON2_PASSES, ARGON2_MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_internal(err, "no memory for a password hash");
    *ret_hash = arena_str(arena, str_from(hash));
    return 0;
}

static bool verify_argon2(struct str hash, struct str password, bool *ret_rehash)
{
    char text[crypto_pwhash_STRBYTES] = {0};
    if (hash.n >= sizeof text || memchr(hash.p, '\0', hash.n))
        return false;
    memcpy(text, hash.p, hash.n);
    sodium_ready();
    if (crypto_pwhash_str_verify(text, chars(password), password.n) != 0)
        return false;
    *ret_rehash = crypto_pwhash_str_needs_rehash(text, ARGON2_PASSES, ARGON2_MEMORY) != 0;
    return true;
}

/* "$2b$12$…" of the right length and a bearable cost. */
static bool is_bcrypt(struct str hash)
{
    int64_t cost;
    if (hash.n != BCRYPT_HASH_BYTES || memchr(hash.p, '\0', hash.n))
        return false;
    if (!str_starts(hash, STR("$2a$")) && !str_starts(hash, STR("$2b$")) &&
        !str_starts(hash, STR("$2y$")))
        return false;
    struct str digits = str_make(hash.p + 4, 2);
    if (digits.p[0] == '0')
        digits = str_skip(digits, 1);
    return hash.p[6] == '$' && str_parse_uint(digits, &cost) == 0 && cost <= BCRYPT_COST_MAX;
}

static bool verify_bcrypt(struct str hash, struct str password)
{
    char phrase[BCRYPT_PASSWORD_BYTES + 1] = {0}, setting[BCRYPT_HASH_BYTES + 1] = {0};
    if (password.n > BCRYPT_PASSWORD_BYTES || (password.n && memchr(password.p, 0, password.n)))
        return false;
    memcpy(phrase, chars(password), password.n);
    memcpy(setting, hash.p, hash.n);
    struct crypt_data *work = MEM_NEW(struct crypt_data);
    const char *found = crypt_rn(phrase, setting, work, (int)sizeof *work);
    bool same = found && str_eq_secret(str_from(found), hash);
    mem_wipe(work, sizeof *work);
    mem_free(work);
    mem_wipe(phrase, sizeof phrase);
    return same;
}

bool password_verify(struct str hash, struct str password, bool *ret_rehash)
{
    *ret_rehash = false;
    if (password.n > LIMIT_PASSWORD_BYTES)
        return false;
    if (str_starts(hash, STR("$argon2id$")))
        return verify_argon2(hash, password, ret_rehash);
    if (!is_bcrypt(hash) || !verify_bcrypt(hash, password))
        return false;
    *ret_rehash = true;
    return true;
}

bool password_verify_nothing(struct str password)
{
    static const unsigned char salt[crypto_pwhash_argon2id_SALTBYTES] = {0};
    unsigned char hash[32];
    if (password.n > LIMIT_PASSWORD_BYTES)
        return false;
    sodium_ready();
    /* Without memory a verification fails as well: the result does not matter. */
    if (crypto_pwhash_argon2id(hash, sizeof hash, chars(password), password.n, salt, ARGON2_PASSES,
                               ARGON2_MEMORY, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
        mem_wipe(hash, sizeof hash);
    return false;
}
