/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/vapid.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/p256.h"
#include "service/secret.h"
#include "json/write.h"

#define LIFE_S (12 * 3600)

struct vapid {
    struct p256_key *key;
    struct arena *arena;
    struct str public;
};

int vapid_load_or_make(const char *path, struct vapid **ret_vapid, struct err *err)
{
    unsigned char secret[SECRET_BYTES];
    if (secret_load_or_make(path, secret, err) < 0)
        return -1;
    struct p256_key *key = p256_from_secret(secret);
    mem_wipe(secret, sizeof secret);
    if (!key)
        return err_internal(err, "%s: it is no key of P-256; move it away", path);
    struct vapid *vapid = MEM_NEW(struct vapid);
    vapid->key = key;
    vapid->arena = arena_new_small(KIB(4), 256);
    vapid->public =
        base64_encode_arena(vapid->arena, str_make(p256_point(key), P256_POINT_BYTES), BASE64_URL);
    *ret_vapid = vapid;
    return 0;
}

void vapid_free(struct vapid *vapid)
{
    if (!vapid)
        return;
    p256_free(vapid->key);
    arena_free(vapid->arena);
    mem_free(vapid);
}

struct str vapid_public(const struct vapid *vapid)
{
    return vapid->public;
}

/* "https://host:port" of a URL. */
static struct str origin_of(struct str url)
{
    size_t slashes = 0, end = 0;
    while (end < url.n && url.p[end] != '?' && (slashes += url.p[end] == '/') < 3)
        end++;
    return str_first(url, end);
}

static struct str claims(struct arena *arena, struct str url, struct str subject, int64_t now_ms)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer out;
    buf_init(&text, KIB(4));
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, STR("aud"), origin_of(url));
    json_write_member_int(&out, STR("exp"), now_ms / 1000 + LIFE_S);
    json_write_member_str(&out, STR("sub"), subject);
    json_write_end(&out);
    return base64_encode_arena(arena, buf_str(&text), BASE64_URL);
}

struct str vapid_authorize(const struct vapid *vapid, struct arena *arena, struct str url,
                           struct str subject, int64_t now_ms)
{
    unsigned char signature[P256_SIGNATURE_BYTES];
    struct str head =
        base64_encode_arena(arena, STR("{\"alg\":\"ES256\",\"typ\":\"JWT\"}"), BASE64_URL);
    struct str body = claims(arena, url, subject, now_ms);
    struct str message = arena_printf(arena, "%.*s.%.*s", STR_ARG(head), STR_ARG(body));
    p256_sign(vapid->key, message, signature);
    struct str signed_by =
        base64_encode_arena(arena, str_make(signature, sizeof signature), BASE64_URL);
    return arena_printf(arena, "Authorization: vapid t=%.*s.%.*s, k=%.*s", STR_ARG(message),
                        STR_ARG(signed_by), STR_ARG(vapid->public));
}
