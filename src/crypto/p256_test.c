/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/p256.h"

#include "base/unit.h"
#include "crypto/base64.h"

/* RFC 7515, A.3. */
#define SECRET STR("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")
#define X      STR("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
#define Y      STR("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
#define MESSAGE                                                                                    \
    STR("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"    \
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
#define SIGNATURE                                                                                  \
    STR("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")

static void decode(struct str text, unsigned char *ret_bytes, size_t n)
{
    assert_int_equal(base64_decode_exactly(text, BASE64_URL, ret_bytes, n), 0);
}

static struct p256_key *known(void)
{
    unsigned char secret[P256_SECRET_BYTES];
    decode(SECRET, secret, sizeof secret);
    struct p256_key *key = p256_from_secret(secret);
    assert_non_null(key);
    return key;
}

static void test_the_point_follows_from_the_secret(void **state)
{
    unsigned char point[P256_POINT_BYTES] = {4}, secret[P256_SECRET_BYTES], kept[P256_SECRET_BYTES];
    struct p256_key *key = known();
    (void)state;
    decode(X, point + 1, 32);
    decode(Y, point + 33, 32);
    decode(SECRET, secret, sizeof secret);
    p256_secret(key, kept);
    assert_memory_equal(p256_point(key), point, sizeof point);
    assert_memory_equal(kept, secret, sizeof secret);
    p256_free(key);
}

static void test_signatures(void **state)
{
    unsigned char signature[P256_SIGNATURE_BYTES];
    struct p256_key *key = known();
    (void)state;
    decode(SIGNATURE, signature, sizeof signature);
    assert_true(p256_verify(p256_point(key), MESSAGE, signature));
    assert_false(p256_verify(p256_point(key), STR("another"), signature));
    p256_sign(key, STR("message"), signature);
    assert_true(p256_verify(p256_point(key), STR("message"), signature));
    signature[P256_SIGNATURE_BYTES - 1] ^= 1;
    assert_false(p256_verify(p256_point(key), STR("message"), signature));
    p256_free(key);
}

static void test_both_sides_agree(void **state)
{
    unsigned char ours[P256_SECRET_BYTES], theirs[P256_SECRET_BYTES];
    struct p256_key *a = p256_new(), *b = p256_new();
    (void)state;
    assert_int_equal(p256_agree(a, p256_point(b), ours), 0);
    assert_int_equal(p256_agree(b, p256_point(a), theirs), 0);
    assert_memory_equal(ours, theirs, sizeof ours);
    p256_free(a);
    p256_free(b);
}

static void test_what_is_no_point_and_no_secret(void **state)
{
    unsigned char point[P256_POINT_BYTES], shared[P256_SECRET_BYTES];
    unsigned char zero[P256_SECRET_BYTES] = {0}, large[P256_SECRET_BYTES];
    struct p256_key *key = known();
    (void)state;
    memcpy(point, p256_point(key), sizeof point);
    assert_true(p256_point_is_valid(point));
    point[64] ^= 1;
    assert_false(p256_point_is_valid(point));
    assert_int_equal(p256_agree(key, point, shared), -1);
    point[64] ^= 1;
    point[0] = 6 + (point[64] & 1); /* OpenSSL's hybrid form of the same point */
    assert_false(p256_point_is_valid(point));
    memset(point, 0, sizeof point);
    assert_false(p256_point_is_valid(point));
    memset(large, 0xff, sizeof large);
    assert_null(p256_from_secret(zero));
    assert_null(p256_from_secret(large));
    p256_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_point_follows_from_the_secret),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_both_sides_agree),
        cmocka_unit_test(test_what_is_no_point_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
