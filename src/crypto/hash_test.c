/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/hash.h"

#include <string.h>

#include "base/unit.h"

static void assert_bytes(const unsigned char *actual, struct str expected)
{
    assert_str(str_make(actual, expected.n), expected);
}

static void test_sha256(void **state)
{
    unsigned char digest[SHA256_BYTES];
    (void)state;
    sha256(STR_NONE, digest);
    assert_bytes(digest, STR("\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
                             "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55"));
    sha256(STR("abc"), digest);
    assert_bytes(digest, STR("\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                             "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad"));
}

static void test_sha256_in_pieces(void **state)
{
    unsigned char whole[SHA256_BYTES], pieces[SHA256_BYTES];
    struct sha256_stream *stream = sha256_begin();
    (void)state;
    sha256(STR("abc"), whole);
    sha256_add(stream, STR("a"));
    sha256_add(stream, STR_NONE);
    sha256_add(stream, STR("bc"));
    sha256_end(stream, pieces);
    assert_memory_equal(whole, pieces, sizeof whole);
    sha256_free(sha256_begin());
    sha256_free(NULL);
}

/* RFC 4231 and RFC 2202, test case 2. */
static void test_hmac(void **state)
{
    unsigned char mac[SHA256_BYTES];
    (void)state;
    hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), mac);
    assert_bytes(mac, STR("\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
                          "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43"));
    hmac_sha1(STR("Jefe"), STR("what do ya want for nothing?"), mac);
    assert_bytes(mac, STR("\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74\x16\xd5\xf1\x84\xdf\x9c"
                          "\x25\x9a\x7c\x79"));
    hmac_sha256(STR_NONE, STR_NONE, mac);
    assert_bytes(mac, STR("\xb6\x13\x67\x9a\x08\x14\xd9\xec\x77\x2f\x95\xd7\x78\xc3\x5f\xc5"
                          "\xff\x16\x97\xc4\x93\x71\x56\x53\xc6\xc7\x12\x14\x42\x92\xc5\xad"));
}

/* RFC 5869, test cases 1 and 3. */
static void test_hkdf(void **state)
{
    unsigned char bytes[42];
    (void)state;
    hkdf_sha256(
        STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
            "\x0b\x0b"),
        STR("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"),
        STR("\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9"), bytes, sizeof bytes);
    assert_bytes(bytes, STR("\x3c\xb2\x5f\x25\xfa\xac\xd5\x7a\x90\x43\x4f\x64\xd0\x36\x2f\x2a"
                            "\x2d\x2d\x0a\x90\xcf\x1a\x5a\x4c\x5d\xb0\x2d\x56\xec\xc4\xc5\xbf"
                            "\x34\x00\x72\x08\xd5\xb8\x87\x18\x58\x65"));
    hkdf_sha256(
        STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
            "\x0b\x0b"),
        STR_NONE, STR_NONE, bytes, sizeof bytes);
    assert_bytes(bytes, STR("\x8d\xa4\xe7\x75\xa5\x63\xc1\x8f\x71\x5f\x80\x2a\x06\x3c\x5a\x31"
                            "\xb8\xa1\x1f\x5c\x5e\xe1\x87\x9e\xc3\x45\x4e\x5f\x3c\x73\x8d\x2d"
                            "\x9d\x20\x13\x95\xfa\xa4\xb6\x1a\x96\xc8"));
}

static void test_set_hash_forgets_order(void **state)
{
    static const struct set_hash empty;
    struct set_hash a = {0}, b = {0};
    (void)state;
    set_hash_add(&a, STR("one"));
    set_hash_add(&a, STR("two"));
    set_hash_add(&b, STR("two"));
    set_hash_add(&b, STR("three"));
    assert_memory_not_equal(&a, &b, sizeof a);
    set_hash_add(&b, STR("one"));
    set_hash_remove(&b, STR("three"));
    assert_memory_equal(&a, &b, sizeof a);
    set_hash_remove(&b, STR("one"));
    set_hash_remove(&b, STR("two"));
    assert_memory_equal(&b, &empty, sizeof b);
}

static void test_set_hash_counts_and_is_frozen(void **state)
{
    struct set_hash once = {0}, twice = {0};
    (void)state;
    set_hash_add(&once, STR("x"));
    set_hash_add(&twice, STR("x"));
    set_hash_add(&twice, STR("x"));
    assert_memory_not_equal(&once, &twice, sizeof once);
    /* Stored hashes are compared for years: the map may not change. */
    assert_bytes(once.bytes,
                 STR("\x2c\x78\x73\xc7\xb3\x15\x45\x20\xe9\x2b\x61\x0b\x7b\x83\xd1\xe0"
                     "\x2d\x9e\x72\xce\xb8\xe3\xff\x06\x75\xb9\xbb\xd8\x59\xfa\x8d\x63"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_sha256_in_pieces),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_hkdf),
        cmocka_unit_test(test_set_hash_forgets_order),
        cmocka_unit_test(test_set_hash_counts_and_is_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
