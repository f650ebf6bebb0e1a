/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/device_key.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/ed25519.h"

static void random_bytes(struct bench *bench, unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = bench_random(bench);
        memcpy(p + i, &word, 8);
    }
}

static void add_random_key(struct bench *bench, struct buf *out)
{
    unsigned char bytes[32];
    random_bytes(bench, bytes, sizeof bytes);
    base64_encode(out, str_make(bytes, sizeof bytes), BASE64_STANDARD);
}

/* Signs `object`, which is canonical JSON, and writes it with the signature; "signatures" is
 * written last, whatever its place in the order is. */
static void add_signed(const struct account *account, const struct ed25519_key *key,
                       struct str object, struct buf *out)
{
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    ed25519_sign(key, object, signature);
    buf_add(out, str_first(object, object.n - 1));
    buf_printf(out, ",\"signatures\":{\"%.*s\":{\"ed25519:%.*s\":\"", STR_ARG(account->user_id),
               STR_ARG(account->device_id));
    base64_encode(out, str_make(signature, sizeof signature), BASE64_STANDARD);
    buf_add(out, STR("\"}}}"));
}

static void add_identity(struct bench *bench, const struct account *account,
                         const struct ed25519_key *key, struct buf *out)
{
    struct buf object;
    buf_init(&object, KIB(4));
    buf_printf(&object,
               "{\"algorithms\":[\"m.olm.v1.curve25519-aes-sha2\",\"m.megolm.v1.aes-sha2\"],"
               "\"device_id\":\"%.*s\",\"keys\":{\"curve25519:%.*s\":\"",
               STR_ARG(account->device_id), STR_ARG(account->device_id));
    add_random_key(bench, &object);
    buf_printf(&object, "\",\"ed25519:%.*s\":\"", STR_ARG(account->device_id));
    base64_encode(&object, str_make(key->public_key, sizeof key->public_key), BASE64_STANDARD);
    buf_printf(&object, "\"},\"user_id\":\"%.*s\"}", STR_ARG(account->user_id));
    add_signed(account, key, buf_str(&object), out);
    buf_done(&object);
}

static void add_one_time(struct bench *bench, const struct account *account,
                         const struct ed25519_key *key, struct buf *out)
{
    struct buf object;
    buf_init(&object, KIB(1));
    buf_printf(out, "\"signed_curve25519:%08llx\":",
               (unsigned long long)(bench_random(bench) & UINT32_MAX));
    buf_add(&object, STR("{\"key\":\""));
    add_random_key(bench, &object);
    buf_add(&object, STR("\"}"));
    add_signed(account, key, buf_str(&object), out);
    buf_done(&object);
}

void device_keys_write(struct bench *bench, const struct account *account, size_t n,
                       struct buf *body)
{
    unsigned char seed[ED25519_SEED_BYTES];
    struct ed25519_key key;
    random_bytes(bench, seed, sizeof seed);
    ed25519_key_from_seed(&key, seed);
    buf_add(body, STR("{\"device_keys\":"));
    add_identity(bench, account, &key, body);
    buf_add(body, STR(",\"one_time_keys\":{"));
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_byte(body, ',');
        add_one_time(bench, account, &key, body);
    }
    buf_add(body, STR("}}"));
}
