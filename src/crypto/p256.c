/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

#define GROUP     "prime256v1"
#define HALF      (P256_SIGNATURE_BYTES / 2)
#define DER_BYTES 80

struct p256_key {
    EVP_PKEY *pkey;
    unsigned char point[P256_POINT_BYTES];
};

/* secret NULL: a public key. NULL: the point is not on the curve. */
static EVP_PKEY *import(const unsigned char *point, const BIGNUM *secret)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    CHECK(build && context);
    CHECK(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, GROUP, 0) == 1);
    CHECK(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                           P256_POINT_BYTES) == 1);
    CHECK(!secret || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    CHECK(params && EVP_PKEY_fromdata_init(context) == 1);
    int good =
        EVP_PKEY_fromdata(context, &pkey, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return good == 1 ? pkey : NULL;
}

static void multiply(const BIGNUM *secret, unsigned char ret_point[P256_POINT_BYTES])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    CHECK(point && EC_POINT_mul(group, point, secret, NULL, NULL, NULL) == 1);
    CHECK(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, ret_point,
                             P256_POINT_BYTES, NULL) == P256_POINT_BYTES);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

/* Of 1 to the order of the curve less one. */
static bool is_in_range(const BIGNUM *secret)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    CHECK(group != NULL);
    bool good = !BN_is_zero(secret) && BN_cmp(secret, EC_GROUP_get0_order(group)) < 0;
    EC_GROUP_free(group);
    return good;
}

struct p256_key *p256_from_secret(const unsigned char secret[P256_SECRET_BYTES])
{
    BIGNUM *number = BN_bin2bn(secret, P256_SECRET_BYTES, NULL);
    struct p256_key *key = NULL;
    CHECK(number != NULL);
    BN_set_flags(number, BN_FLG_CONSTTIME);
    if (is_in_range(number)) {
        key = MEM_NEW(struct p256_key);
        multiply(number, key->point);
        key->pkey = import(key->point, number);
        CHECK(key->pkey != NULL);
    }
    BN_clear_free(number);
    return key;
}

struct p256_key *p256_new(void)
{
    struct p256_key *key = MEM_NEW(struct p256_key);
    size_t n = 0;
    key->pkey = EVP_EC_gen(GROUP);
    CHECK(key->pkey != NULL);
    CHECK(EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, key->point,
                                          sizeof key->point, &n) == 1);
    CHECK(n == P256_POINT_BYTES);
    return key;
}

void p256_free(struct p256_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    mem_free(key);
}

void p256_secret(const struct p256_key *key, unsigned char ret_secret[P256_SECRET_BYTES])
{
    BIGNUM *number = NULL;
    CHECK(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    CHECK(BN_bn2binpad(number, ret_secret, P256_SECRET_BYTES) == P256_SECRET_BYTES);
    BN_clear_free(number);
}

const unsigned char *p256_point(const struct p256_key *key)
{
    return key->point;
}

/* OpenSSL also takes hybrid forms of that length (6 and 7), and the points they name. */
static EVP_PKEY *import_public(const unsigned char point[P256_POINT_BYTES])
{
    return point[0] == POINT_CONVERSION_UNCOMPRESSED ? import(point, NULL) : NULL;
}

bool p256_point_is_valid(const unsigned char point[P256_POINT_BYTES])
{
    EVP_PKEY *pkey = import_public(point);
    EVP_PKEY_free(pkey);
    return pkey != NULL;
}

int p256_agree(const struct p256_key *key, const unsigned char point[P256_POINT_BYTES],
               unsigned char ret_shared[P256_SECRET_BYTES])
{
    EVP_PKEY *peer = import_public(point);
    size_t n = P256_SECRET_BYTES;
    if (!peer)
        return -1;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    CHECK(context && EVP_PKEY_derive_init(context) == 1);
    bool good = EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                EVP_PKEY_derive(context, ret_shared, &n) == 1 && n == P256_SECRET_BYTES;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    return good ? 0 : -1;
}

void p256_sign(const struct p256_key *key, struct str message,
               unsigned char ret_signature[P256_SIGNATURE_BYTES])
{
    unsigned char der[DER_BYTES];
    const unsigned char *at = der;
    const BIGNUM *r, *s;
    size_t n = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context &&
          EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key->pkey, NULL) == 1);
    CHECK(EVP_DigestSign(context, der, &n, (const unsigned char *)message.p, message.n) == 1);
    EVP_MD_CTX_free(context);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)n);
    CHECK(signature != NULL);
    ECDSA_SIG_get0(signature, &r, &s);
    CHECK(BN_bn2binpad(r, ret_signature, HALF) == HALF);
    CHECK(BN_bn2binpad(s, ret_signature + HALF, HALF) == HALF);
    ECDSA_SIG_free(signature);
}

static bool verify_der(EVP_PKEY *pkey, struct str message, const unsigned char *der, size_t n)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context && EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, pkey, NULL) == 1);
    int good = EVP_DigestVerify(context, der, n, (const unsigned char *)message.p, message.n);
    EVP_MD_CTX_free(context);
    return good == 1;
}

bool p256_verify(const unsigned char point[P256_POINT_BYTES], struct str message,
                 const unsigned char signature[P256_SIGNATURE_BYTES])
{
    EVP_PKEY *pkey = import_public(point);
    ECDSA_SIG *parts = ECDSA_SIG_new();
    unsigned char *der = NULL;
    CHECK(parts != NULL);
    CHECK(ECDSA_SIG_set0(parts, BN_bin2bn(signature, HALF, NULL),
                         BN_bin2bn(signature + HALF, HALF, NULL)) == 1);
    int n = i2d_ECDSA_SIG(parts, &der);
    bool good = pkey && n > 0 && verify_der(pkey, message, der, (size_t)n);
    OPENSSL_free(der);
    ECDSA_SIG_free(parts);
    EVP_PKEY_free(pkey);
    return good;
}
