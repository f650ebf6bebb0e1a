/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/hash.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "crypto/sodium_ready.h"

/* The algorithms, looked up once: a look-up costs a third of a short hash. They are never given
 * back, and never change after the first use. */
static struct {
    pthread_once_t once;
    EVP_MD *sha256, *sha1;
} fetched = {.once = PTHREAD_ONCE_INIT};

static void fetch(void)
{
    fetched.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    fetched.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    CHECK(fetched.sha256 && fetched.sha1);
}

static void ready(void)
{
    CHECK(pthread_once(&fetched.once, fetch) == 0);
}

static const unsigned char *bytes(struct str s)
{
    return (const unsigned char *)(s.p ? s.p : "");
}

void sha256(struct str message, unsigned char ret_digest[SHA256_BYTES])
{
    ready();
    CHECK(EVP_Digest(bytes(message), message.n, ret_digest, NULL, fetched.sha256, NULL) == 1);
}

struct sha256_stream {
    EVP_MD_CTX *context;
};

struct sha256_stream *sha256_begin(void)
{
    struct sha256_stream *stream = MEM_NEW(struct sha256_stream);
    ready();
    stream->context = EVP_MD_CTX_new();
    CHECK(stream->context && EVP_DigestInit_ex2(stream->context, fetched.sha256, NULL) == 1);
    return stream;
}

void sha256_add(struct sha256_stream *stream, struct str piece)
{
    CHECK(EVP_DigestUpdate(stream->context, bytes(piece), piece.n) == 1);
}

void sha256_end(struct sha256_stream *stream, unsigned char ret_digest[SHA256_BYTES])
{
    CHECK(EVP_DigestFinal_ex(stream->context, ret_digest, NULL) == 1);
    sha256_free(stream);
}

void sha256_free(struct sha256_stream *stream)
{
    if (!stream)
        return;
    EVP_MD_CTX_free(stream->context);
    mem_free(stream);
}

static void hmac(const EVP_MD *md, struct str key, struct str message, unsigned char *ret_mac)
{
    unsigned int n;
    CHECK(key.n <= INT_MAX);
    CHECK(HMAC(md, bytes(key), (int)key.n, bytes(message), message.n, ret_mac, &n) != NULL);
}

void hmac_sha256(struct str key, struct str message, unsigned char ret_mac[SHA256_BYTES])
{
    ready();
    hmac(fetched.sha256, key, message, ret_mac);
}

/* T(i) = HMAC(T(i-1) || info || i). */
static void expand(struct str secret, struct str info, unsigned char i, struct str before,
                   unsigned char ret_block[SHA256_BYTES])
{
    struct buf input;
    buf_init(&input, SHA256_BYTES + info.n + 1);
    buf_add(&input, before);
    buf_add(&input, info);
    buf_add_byte(&input, (char)i);
    hmac_sha256(secret, buf_str(&input), ret_block);
    mem_wipe(input.p, input.n);
    buf_done(&input);
}

void hkdf_sha256(struct str key, struct str salt, struct str info, unsigned char *ret_bytes,
                 size_t n)
{
    unsigned char secret[SHA256_BYTES], block[SHA256_BYTES];
    static const char zeros[SHA256_BYTES];
    CHECK(n <= 255 * SHA256_BYTES);
    hmac_sha256(salt.n ? salt : str_make(zeros, sizeof zeros), key, secret);
    for (size_t at = 0; at < n; at += SHA256_BYTES) {
        size_t taken = n - at < SHA256_BYTES ? n - at : SHA256_BYTES;
        expand(str_make(secret, sizeof secret), info, (unsigned char)(at / SHA256_BYTES + 1),
               at ? str_make(block, sizeof block) : STR_NONE, block);
        memcpy(ret_bytes + at, block, taken);
    }
    mem_wipe(secret, sizeof secret);
    mem_wipe(block, sizeof block);
}

void hmac_sha1(struct str key, struct str message, unsigned char ret_mac[20])
{
    ready();
    hmac(fetched.sha1, key, message, ret_mac);
}

/* SHA-512 gives the 64 bytes that the map to the group wants. */
static void point_of(struct str element, unsigned char ret_point[32])
{
    unsigned char digest[crypto_core_ristretto255_HASHBYTES];
    sodium_ready();
    CHECK(crypto_hash_sha512(digest, bytes(element), element.n) == 0);
    CHECK(crypto_core_ristretto255_from_hash(ret_point, digest) == 0);
}

void set_hash_add(struct set_hash *hash, struct str element)
{
    unsigned char point[32];
    point_of(element, point);
    CHECK(crypto_core_ristretto255_add(hash->bytes, hash->bytes, point) == 0);
}

void set_hash_remove(struct set_hash *hash, struct str element)
{
    unsigned char point[32];
    point_of(element, point);
    CHECK(crypto_core_ristretto255_sub(hash->bytes, hash->bytes, point) == 0);
}
