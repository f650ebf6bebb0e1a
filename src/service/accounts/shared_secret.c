/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/shared_secret.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/token.h"

void nonces_init(struct nonces *nonces)
{
    memset(nonces->slots, 0, sizeof nonces->slots);
    nonces->next = 0;
    pthread_mutex_init(&nonces->lock, NULL);
}

void nonces_done(struct nonces *nonces)
{
    pthread_mutex_destroy(&nonces->lock);
}

struct str nonces_give(struct nonces *nonces, struct arena *arena)
{
    struct str text = token_new(arena, NONCE_CHARS);
    pthread_mutex_lock(&nonces->lock);
    struct nonce *slot = &nonces->slots[nonces->next++ % NONCES_MAX];
    memcpy(slot->text, text.p, NONCE_CHARS);
    slot->until_ms = clock_monotonic_ms() + NONCE_LIFE_MS;
    pthread_mutex_unlock(&nonces->lock);
    return text;
}

bool nonces_take(struct nonces *nonces, struct str nonce)
{
    bool good = false;
    pthread_mutex_lock(&nonces->lock);
    for (size_t i = 0; i < NONCES_MAX; i++) {
        struct nonce *slot = &nonces->slots[i];
        if (!slot->until_ms || !str_eq_secret(str_make(slot->text, NONCE_CHARS), nonce))
            continue;
        good = slot->until_ms > clock_monotonic_ms();
        slot->until_ms = 0;
    }
    pthread_mutex_unlock(&nonces->lock);
    return good;
}

static struct str hexadecimal(struct arena *arena, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * n, 1);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return str_make(text, 2 * n);
}

bool shared_secret_check(struct arena *arena, struct str secret, struct str nonce, struct str name,
                         struct str password, bool admin, struct str user_type, struct str mac)
{
    unsigned char expected[20];
    struct buf message;
    buf_init(&message, KIB(8));
    buf_add(&message, nonce);
    buf_add_byte(&message, 0);
    buf_add(&message, name);
    buf_add_byte(&message, 0);
    buf_add(&message, password);
    buf_add_byte(&message, 0);
    buf_add(&message, admin ? STR("admin") : STR("notadmin"));
    if (user_type.p) {
        buf_add_byte(&message, 0);
        buf_add(&message, user_type);
    }
    bool whole = !buf_is_full(&message);
    hmac_sha1(secret, buf_str(&message), expected);
    buf_done(&message);
    return whole && str_eq_secret(hexadecimal(arena, expected, sizeof expected), mac);
}
