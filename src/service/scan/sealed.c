/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/sealed.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/base64.h"
#include "json/decode.h"

#define MAC_BYTES 8

/* ---- PkEncryption ---- */

struct envelope {
    struct str ciphertext, mac, ephemeral; /* unpadded Base64 */
};

static const struct json_field envelope_fields[] = {
    JSON_FIELD(struct envelope, ciphertext, JSON_WANT_STR, JSON_REQUIRED, LIMIT_SCAN_BODY),
    JSON_FIELD(struct envelope, mac, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct envelope, ephemeral, JSON_WANT_STR, JSON_REQUIRED, 64),
};

struct keys {
    unsigned char aes[AES_KEY_BYTES];
    unsigned char mac[32];
    unsigned char iv[AES_BLOCK_BYTES];
};

static int agree(const unsigned char secret[X25519_BYTES],
                 const unsigned char ephemeral[X25519_BYTES], struct keys *ret_keys)
{
    unsigned char shared[X25519_BYTES], bytes[sizeof(struct keys)];
    _Static_assert(sizeof bytes == 80, "HKDF gives 80 bytes");
    if (x25519_shared(secret, ephemeral, shared) < 0)
        return -1;
    hkdf_sha256(str_make(shared, sizeof shared), STR_NONE, STR_NONE, bytes, sizeof bytes);
    memcpy(ret_keys, bytes, sizeof bytes);
    mem_wipe(shared, sizeof shared);
    mem_wipe(bytes, sizeof bytes);
    return 0;
}

/* The MAC says no more than that the key is ours. */
static int open_with(struct arena *arena, const struct keys *keys, struct str ciphertext,
                     const unsigned char mac[MAC_BYTES], struct str *ret_text)
{
    unsigned char wanted[SHA256_BYTES];
    hmac_sha256(str_make(keys->mac, sizeof keys->mac), STR_NONE, wanted);
    if (!str_eq_secret(str_make(wanted, MAC_BYTES), str_make(mac, MAC_BYTES)))
        return -1;
    return aes_cbc_decrypt(arena, keys->aes, keys->iv, ciphertext, ret_text);
}

static enum sealed_outcome open_envelope(struct arena *arena,
                                         const unsigned char secret[X25519_BYTES],
                                         const struct json *json, struct str *ret_text)
{
    unsigned char ephemeral[X25519_BYTES], mac[MAC_BYTES];
    struct envelope envelope = {0};
    struct err ignored = ERR_INIT;
    struct str ciphertext;
    struct keys keys;
    if (json_decode(json, envelope_fields, ARRAY_LEN(envelope_fields), &envelope, &ignored) < 0 ||
        base64_decode(arena, envelope.ciphertext, BASE64_STANDARD, &ciphertext) < 0 ||
        base64_decode_exactly(envelope.mac, BASE64_STANDARD, mac, sizeof mac) < 0 ||
        base64_decode_exactly(envelope.ephemeral, BASE64_STANDARD, ephemeral, sizeof ephemeral) < 0)
        return SEALED_MALFORMED;
    if (agree(secret, ephemeral, &keys) < 0)
        return SEALED_BAD_KEY;
    int opened = open_with(arena, &keys, ciphertext, mac, ret_text);
    mem_wipe(&keys, sizeof keys);
    return opened < 0 ? SEALED_BAD_KEY : SEALED_OPENED;
}

/* ---- EncryptedFile ---- */

struct file {
    struct str url, v, iv;
    const struct json *key, *hashes;
};

static const struct json_field file_fields[] = {
    JSON_FIELD(struct file, url, JSON_WANT_STR, JSON_REQUIRED, LIMIT_SCAN_URL),
    JSON_FIELD(struct file, v, JSON_WANT_STR, JSON_REQUIRED, 16),
    JSON_FIELD(struct file, iv, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct file, key, JSON_WANT_OBJECT, JSON_REQUIRED, 64),
    JSON_FIELD(struct file, hashes, JSON_WANT_OBJECT, JSON_REQUIRED, 64),
};

struct web_key {
    struct str kty, alg, k;
    bool ext;
    const struct json *key_ops;
};

static const struct json_field web_key_fields[] = {
    JSON_FIELD(struct web_key, kty, JSON_WANT_STR, JSON_REQUIRED, 16),
    JSON_FIELD(struct web_key, alg, JSON_WANT_STR, JSON_REQUIRED, 16),
    JSON_FIELD(struct web_key, k, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct web_key, ext, JSON_WANT_BOOL, JSON_REQUIRED, 0),
    JSON_FIELD(struct web_key, key_ops, JSON_WANT_ARRAY, JSON_REQUIRED, 16),
};

static bool has_op(const struct json *ops, struct str op)
{
    for (size_t i = 0; i < ops->array.n; i++)
        if (str_eq(json_as_str(&ops->array.items[i]), op))
            return true;
    return false;
}

static int read_key(const struct json *json, unsigned char ret_key[AES_KEY_BYTES])
{
    struct web_key key = {0};
    struct err ignored = ERR_INIT;
    if (json_decode(json, web_key_fields, ARRAY_LEN(web_key_fields), &key, &ignored) < 0 ||
        !str_eq(key.kty, STR("oct")) || !str_eq(key.alg, STR("A256CTR")) || !key.ext ||
        !has_op(key.key_ops, STR("encrypt")) || !has_op(key.key_ops, STR("decrypt")))
        return -1;
    return base64_decode_exactly(key.k, BASE64_URL, ret_key, AES_KEY_BYTES);
}

static enum sealed_outcome read_file(const struct json *json, struct attachment *ret_attachment)
{
    struct file file = {0};
    struct err ignored = ERR_INIT;
    struct attachment *out = ret_attachment;
    if (json_decode(json, file_fields, ARRAY_LEN(file_fields), &file, &ignored) < 0 ||
        !str_eq(file.v, STR("v2")) || read_key(file.key, out->key) < 0 ||
        base64_decode_exactly(file.iv, BASE64_STANDARD, out->iv, sizeof out->iv) < 0 ||
        base64_decode_exactly(json_find_str(file.hashes, STR("sha256")), BASE64_STANDARD,
                              out->sha256, sizeof out->sha256) < 0)
        return SEALED_MALFORMED;
    out->url = file.url;
    return SEALED_OPENED;
}

enum sealed_outcome sealed_read(struct arena *arena, const unsigned char secret[X25519_BYTES],
                                struct str body, bool plain_too, struct attachment *ret_attachment,
                                struct str *ret_opened)
{
    const struct json *json, *envelope;
    struct err ignored = ERR_INIT;
    *ret_opened = STR_NONE;
    if (json_parse(arena, body, &json, &ignored) < 0 || json->kind != JSON_OBJECT)
        return SEALED_MALFORMED;
    envelope = json_find(json, STR("encrypted_body"));
    if (envelope) {
        enum sealed_outcome opened = open_envelope(arena, secret, envelope, ret_opened);
        if (opened != SEALED_OPENED)
            return opened;
        if (json_parse(arena, *ret_opened, &json, &ignored) < 0)
            return SEALED_MALFORMED;
    }
    const struct json *file = json_find(json, STR("file"));
    if (!file)
        return SEALED_MALFORMED;
    return envelope || plain_too ? read_file(file, ret_attachment) : SEALED_BAD_KEY;
}
