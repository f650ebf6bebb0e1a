/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/sealed.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"

/* Alice's key of RFC 7748, 6.1. */
static const unsigned char SECRET[X25519_BYTES] = {
    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
    0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};

/* Sealed to it by another implementation, with Bob's key of the same place as the ephemeral one: an
 * attachment with the key 00 01 … 1f, the block 00 … 07 and zeros, and the hash of "stored". */
static const char SEALED[] =
    "{\"encrypted_body\":{\"ciphertext\":\"fpzs1q8hwvymzsgLPCXSNJmlRywRctvMvYdl87E/ulOE7gqp11Drw66"
    "hK1c0RNQFtUcC0wLTJxLG9Es30kuFXrN25JdXMyN3pPfpwzTL5I9SIWbqAvjLUMMeyPIAai/VWHLVGunMAuSlXbG"
    "3LHZPOsTxUVQe27cCyjhwkxtllWiJT4TLkccDhqHAP4WKmH0vDav8h5G/13JOCL8wNHuT8eAx2GXr29lj6cbduwO"
    "9bXl9EuGw8V3XFqJ5USCxwzR4nYgx1h1WGctF4UTr+QRjfgRVElGrxd69jVoIHeRN4VQCq/UcrdjJ3iELZzB3Rlj"
    "pWqCaIh2Js4mR9kgL+LLpSZJ/FGyfef7RjQUWIbrALRzspPlIpUxBugbNOHesBr+t\",\"mac\":\"zpzU6BkZcNI\",\""
    "ephemeral\":\"3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08\"}}";
static const char PLAIN[] = "{\"file\":{\"v\":\"v2\",\"url\":\"mxc://localhost/"
                            "abc\",\"iv\":\"AAECAwQFBgcAAAAAAAAAAA\",\"hashes\":{\"s"
                            "ha256\":\"h7BOWJYfmpnYU9QEagtbeT58Pku9IfWsqPsXwgzbHYs\"},\"key\":{"
                            "\"kty\":\"oct\",\"alg\":\"A256CTR\""
                            ",\"ext\":true,\"key_ops\":[\"encrypt\",\"decrypt\"],\"k\":"
                            "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw"
                            "dHh8\"}}}";

struct read_result {
    enum sealed_outcome outcome;
    struct attachment attachment;
};

static struct read_result read_body(struct arena *arena, struct str body, bool plain_too)
{
    struct read_result result = {0};
    struct str opened;
    result.outcome = sealed_read(arena, SECRET, body, plain_too, &result.attachment, &opened);
    return result;
}

/* The text with one part replaced. */
static struct str with(struct arena *arena, const char *text, const char *part, const char *other)
{
    const char *at = strstr(text, part);
    assert_non_null(at);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, other, at + strlen(part));
}

static void assert_whole(const struct read_result *result)
{
    unsigned char stored[SHA256_BYTES];
    assert_int_equal(result->outcome, SEALED_OPENED);
    assert_str(result->attachment.url, STR("mxc://localhost/abc"));
    for (unsigned i = 0; i < AES_KEY_BYTES; i++)
        assert_int_equal(result->attachment.key[i], i);
    for (unsigned i = 0; i < AES_BLOCK_BYTES; i++)
        assert_int_equal(result->attachment.iv[i], i < 8 ? i : 0);
    sha256(STR("stored"), stored);
    assert_memory_equal(result->attachment.sha256, stored, sizeof stored);
}

static void test_a_sealed_body(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    (void)state;
    struct read_result result = read_body(arena, str_from(SEALED), false);
    assert_whole(&result);
}

static void test_another_key(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    unsigned char other[X25519_BYTES];
    struct attachment attachment;
    struct str opened;
    (void)state;
    memcpy(other, SECRET, sizeof other);
    other[5] ^= 1;
    assert_int_equal(sealed_read(arena, other, str_from(SEALED), false, &attachment, &opened),
                     SEALED_BAD_KEY);
}

/* The MAC is of the empty string: it says that the key is right, and nothing of the ciphertext. */
static void test_parts_that_were_changed(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(256));
    (void)state;
    assert_int_equal(
        read_body(arena, with(arena, SEALED, "\"mac\":\"", "\"mac\":\"A"), false).outcome,
        SEALED_MALFORMED);
    assert_int_equal(
        read_body(arena, with(arena, SEALED, "\"ephemeral\":\"", "\"ephemeral\":\"AAAA"), false)
            .outcome,
        SEALED_MALFORMED);
    assert_int_equal(
        read_body(arena, with(arena, SEALED, "\"ciphertext\":\"", "\"ciphertext\":\"AAAA"), false)
            .outcome,
        SEALED_BAD_KEY);
    struct str zero = STR("{\"encrypted_body\":{\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAA\","
                          "\"mac\":\"AAAAAAAAAAA\","
                          "\"ephemeral\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}");
    assert_int_equal(read_body(arena, zero, false).outcome, SEALED_BAD_KEY);
}

static void test_a_plain_body(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    (void)state;
    assert_int_equal(read_body(arena, str_from(PLAIN), false).outcome, SEALED_BAD_KEY);
    struct read_result result = read_body(arena, str_from(PLAIN), true);
    assert_whole(&result);
}

/* The sealed one wins when both are there, also when it is wrong. */
static void test_both(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(256));
    struct str both = with(arena, PLAIN, "{\"file\"", "{\"encrypted_body\":{},\"file\"");
    (void)state;
    assert_int_equal(read_body(arena, both, true).outcome, SEALED_MALFORMED);
}

static void test_what_is_no_attachment(void **state)
{
    static const char *const parts[][2] = {
        {"\"v\":\"v2\"", "\"v\":\"v1\""},
        {"\"v\":\"v2\",", ""},
        {"\"kty\":\"oct\"", "\"kty\":\"RSA\""},
        {"A256CTR", "A128CTR"},
        {"\"ext\":true", "\"ext\":false"},
        {"\"ext\":true", "\"ext\":1"},
        {"\"encrypt\",", ""},
        {",\"decrypt\"", ""},
        {"\"key_ops\":[\"encrypt\",\"decrypt\"]", "\"key_ops\":\"encrypt\""},
        {"\"k\":\"AAEC", "\"k\":\"AAECAA"},
        {"\"k\":\"AAEC", "\"k\":\"+AEC"},
        {"\"url\":\"mxc://localhost/abc\",", ""},
        {"\"url\":\"mxc://localhost/abc\"", "\"url\":7"},
        {"\"iv\":\"", "\"iv\":\"AA"},
        {"\"hashes\":{\"sha256\"", "\"hashes\":{\"sha512\""},
        {"\"sha256\":\"", "\"sha256\":\"A"},
        {"{\"file\":", "{\"file\":[],\"other\":"},
        {"}}}", "}}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
        struct str body = with(arena, PLAIN, parts[i][0], parts[i][1]);
        if (read_body(arena, body, true).outcome != SEALED_MALFORMED)
            fail_msg("taken: %s", parts[i][1]);
    }
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    assert_int_equal(read_body(arena, STR(""), true).outcome, SEALED_MALFORMED);
    assert_int_equal(read_body(arena, STR("[]"), true).outcome, SEALED_MALFORMED);
    assert_int_equal(read_body(arena, STR("{}"), true).outcome, SEALED_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sealed_body),
        cmocka_unit_test(test_another_key),
        cmocka_unit_test(test_parts_that_were_changed),
        cmocka_unit_test(test_a_plain_body),
        cmocka_unit_test(test_both),
        cmocka_unit_test(test_what_is_no_attachment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
