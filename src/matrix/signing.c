/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/signing.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "matrix/edit.h"
#include "json/write.h"

/* 64 bytes in base64, padded. */
#define SIGNATURE_TEXT_MAX 88

static int too_large(struct err *err)
{
    return err_client(err, 413, "M_TOO_LARGE", "The object is too large to be signed");
}

int signing_covered(const struct json *object, struct buf *out, struct err *err)
{
    const struct str uncovered[] = {STR("signatures"), STR("unsigned")};
    if (!json_is(object, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "Only objects can be signed");
    return json_canonical_without(object, uncovered, ARRAY_LEN(uncovered), out, err);
}

int signing_add(struct arena *arena, const struct json *object, struct str entity,
                struct str key_id, const unsigned char signature[ED25519_SIGNATURE_BYTES],
                const struct json **ret_object, struct err *err)
{
    const struct json *all = json_find(object, STR("signatures"));
    const struct json *own = json_find(all, entity);
    if ((all && all->kind != JSON_OBJECT) || (own && own->kind != JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "signatures must be an object of objects");
    struct str bytes = str_make(signature, ED25519_SIGNATURE_BYTES);
    struct str text = base64_encode_arena(arena, bytes, BASE64_STANDARD);
    own = edit_put(arena, own ? own : edit_object(arena), key_id, edit_string(arena, text));
    all = edit_put(arena, all ? all : edit_object(arena), entity, own);
    *ret_object = edit_put(arena, object, STR("signatures"), all);
    return 0;
}

int signing_sign(struct arena *arena, const struct json *object, const struct ed25519_key *key,
                 struct str key_id, struct str entity, struct str *ret_json, struct err *err)
{
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    const struct json *signed_object = object;
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, LIMIT_ANSWER_BYTES);
    if (signing_covered(object, &out, err))
        return -1;
    if (buf_is_full(&out))
        return too_large(err);
    ed25519_sign(key, buf_str(&out), signature);
    if (signing_add(arena, object, entity, key_id, signature, &signed_object, err))
        return -1;
    buf_clear(&out);
    if (json_canonical(signed_object, &out, err))
        return -1;
    if (buf_is_full(&out))
        return too_large(err);
    *ret_json = arena_str(arena, buf_str(&out));
    return 0;
}

int signing_find(const struct json *object, struct str entity, struct str key_id,
                 unsigned char ret_signature[ED25519_SIGNATURE_BYTES])
{
    const struct json *all = json_find(object, STR("signatures"));
    struct str text = json_find_str(json_find(all, entity), key_id);
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    if (!str_starts(key_id, STR("ed25519:")) || text.n == 0 || text.n > SIGNATURE_TEXT_MAX)
        return -1;
    if (base64_decode_exactly(text, BASE64_STANDARD, signature, sizeof signature))
        return -1;
    memcpy(ret_signature, signature, sizeof signature);
    return 0;
}

bool signing_verify(const struct json *object, struct str entity, struct str key_id,
                    struct str public_key)
{
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    struct err err;
    struct buf CLEANUP(buf_done) covered;
    buf_init(&covered, LIMIT_ANSWER_BYTES);
    if (signing_find(object, entity, key_id, signature) ||
        signing_covered(object, &covered, &err) || buf_is_full(&covered))
        return false;
    return ed25519_verify(public_key, buf_str(&covered), str_make(signature, sizeof signature));
}
