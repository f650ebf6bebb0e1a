/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/ed25519.h"

#include <sodium.h>
#include <string.h>

#include "base/unit.h"

/* SIG-01: the verification policy, frozen. Servers that differ on one signature split a room, so
 * each doubtful kind is made here, valid by the bare equation where that is possible, and held
 * against the verdict of the library that the other servers use. */

/* The order of the base point, little endian: 2^252 + 27742317777372353535851937790883648493. */
static const unsigned char order[32] =
    "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10";

#define FF15 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
#define Z15  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

/* Every encoding of a point of order 1, 2, 4 or 8, canonical or not. */
static const struct str small_order[] = {
    STR_INIT("\x01" Z15 Z15 "\x00"),
    STR_INIT("\x01" Z15 Z15 "\x80"),
    STR_INIT("\x00" Z15 Z15 "\x00"),
    STR_INIT("\x00" Z15 Z15 "\x80"),
    STR_INIT("\xec" FF15 FF15 "\x7f"),
    STR_INIT("\xec" FF15 FF15 "\xff"),
    STR_INIT("\xed" FF15 FF15 "\x7f"),
    STR_INIT("\xed" FF15 FF15 "\xff"),
    STR_INIT("\xee" FF15 FF15 "\x7f"),
    STR_INIT("\xee" FF15 FF15 "\xff"),
    STR_INIT("\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
             "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05"),
    STR_INIT("\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
             "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x85"),
    STR_INIT("\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
             "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"),
    STR_INIT("\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
             "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\xfa"),
};

#define ORDER_8 small_order[12]

struct scalar {
    unsigned char bytes[32];
};

struct signature {
    unsigned char r[32], s[32];
};

static struct scalar scalar_of(const char *text)
{
    unsigned char wide[64];
    struct scalar scalar;
    crypto_hash_sha512(wide, (const unsigned char *)text, strlen(text));
    crypto_core_ed25519_scalar_reduce(scalar.bytes, wide);
    return scalar;
}

/* H(R, A, M) reduced, as RFC 8032 has it. */
static struct scalar challenge(const unsigned char r[32], struct str key, struct str message)
{
    crypto_hash_sha512_state hash;
    unsigned char wide[64];
    struct scalar scalar;
    crypto_hash_sha512_init(&hash);
    crypto_hash_sha512_update(&hash, r, 32);
    crypto_hash_sha512_update(&hash, (const unsigned char *)key.p, key.n);
    crypto_hash_sha512_update(&hash, (const unsigned char *)message.p, message.n);
    crypto_hash_sha512_final(&hash, wide);
    crypto_core_ed25519_scalar_reduce(scalar.bytes, wide);
    return scalar;
}

/* S = r + k·a for any key bytes and any R. */
static struct signature forge(const unsigned char r_point[32], struct scalar r, struct scalar a,
                              struct str key, struct str message)
{
    struct signature made;
    struct scalar k = challenge(r_point, key, message), ka;
    memcpy(made.r, r_point, 32);
    crypto_core_ed25519_scalar_mul(ka.bytes, k.bytes, a.bytes);
    crypto_core_ed25519_scalar_add(made.s, r.bytes, ka.bytes);
    return made;
}

static bool verify(struct str key, struct str message, const struct signature *made)
{
    return ed25519_verify(key, message, str_make(made, sizeof *made));
}

static void point_of(struct scalar scalar, unsigned char ret_point[32])
{
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(ret_point, scalar.bytes), 0);
}

/* RFC 8032, section 7.1, tests 2 and 3. */
static void test_SIG_01_rfc8032(void **state)
{
    static const struct str key2 =
        STR_INIT("\x3d\x40\x17\xc3\xe8\x43\x89\x5a\x92\xb7\x0a\xa7\x4d\x1b\x7e\xbc"
                 "\x9c\x98\x2c\xcf\x2e\xc4\x96\x8c\xc0\xcd\x55\xf1\x2a\xf4\x66\x0c");
    static const struct str signature2 =
        STR_INIT("\x92\xa0\x09\xa9\xf0\xd4\xca\xb8\x72\x0e\x82\x0b\x5f\x64\x25\x40"
                 "\xa2\xb2\x7b\x54\x16\x50\x3f\x8f\xb3\x76\x22\x23\xeb\xdb\x69\xda"
                 "\x08\x5a\xc1\xe4\x3e\x15\x99\x6e\x45\x8f\x36\x13\xd0\xf1\x1d\x8c"
                 "\x38\x7b\x2e\xae\xb4\x30\x2a\xee\xb0\x0d\x29\x16\x12\xbb\x0c\x00");
    (void)state;
    assert_true(ed25519_verify(key2, STR("\x72"), signature2));
    assert_false(ed25519_verify(key2, STR("\x73"), signature2));
    assert_false(ed25519_verify(key2, STR(""), signature2));
}

static void test_SIG_01_forge_is_sound(void **state)
{
    unsigned char a_point[32], r_point[32];
    struct scalar a = scalar_of("key"), r = scalar_of("nonce");
    (void)state;
    point_of(a, a_point);
    point_of(r, r_point);
    struct signature made = forge(r_point, r, a, str_make(a_point, 32), STR("m"));
    assert_true(verify(str_make(a_point, 32), STR("m"), &made));
}

static void test_SIG_01_every_bit_counts(void **state)
{
    struct ed25519_key key;
    unsigned char signature[ED25519_SIGNATURE_BYTES];
    (void)state;
    ed25519_key_from_seed(&key, order);
    ed25519_sign(&key, STR("message"), signature);
    struct str public_key = str_make(key.public_key, sizeof key.public_key);
    for (unsigned bit = 0; bit < 8 * sizeof signature; bit++) {
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(ed25519_verify(public_key, STR("message"), str_make(signature, 64)));
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (unsigned bit = 0; bit < 8 * sizeof key.public_key; bit++) {
        key.public_key[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(ed25519_verify(public_key, STR("message"), str_make(signature, 64)));
        key.public_key[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_true(ed25519_verify(public_key, STR("message"), str_make(signature, 64)));
}

/* S + n·L for each n that fits: the same equation, another spelling. */
static void test_SIG_01_s_not_below_order(void **state)
{
    struct ed25519_key key;
    struct signature made;
    (void)state;
    ed25519_key_from_seed(&key, order);
    ed25519_sign(&key, STR("message"), (unsigned char *)&made);
    struct str public_key = str_make(key.public_key, sizeof key.public_key);
    assert_true(verify(public_key, STR("message"), &made));
    for (int n = 1; n < 15; n++) {
        unsigned carry = 0;
        for (size_t i = 0; i < sizeof order; i++) {
            carry += (unsigned)made.s[i] + order[i];
            made.s[i] = (unsigned char)carry;
            carry >>= 8;
        }
        assert_int_equal(carry, 0);
        assert_false(verify(public_key, STR("message"), &made));
    }
    memcpy(made.s, order, sizeof order);
    assert_false(verify(public_key, STR("message"), &made));
    memset(made.s, 0xff, sizeof made.s);
    assert_false(verify(public_key, STR("message"), &made));
}

/* With such a key anyone signs anything: S = r holds for one challenge in eight, or for all. */
static void test_SIG_01_small_order_key(void **state)
{
    static const struct scalar zero;
    unsigned char r_point[32];
    struct scalar r = scalar_of("nonce");
    (void)state;
    point_of(r, r_point);
    for (size_t i = 0; i < ARRAY_LEN(small_order); i++) {
        assert_int_equal(small_order[i].n, 32);
        for (unsigned char m = 0; m < 64; m++) {
            struct signature made = forge(r_point, r, zero, small_order[i], str_make(&m, sizeof m));
            assert_false(verify(small_order[i], str_make(&m, sizeof m), &made));
        }
    }
}

/* r = 0: the equation holds with R the neutral element. */
static void test_SIG_01_small_order_r(void **state)
{
    static const struct scalar zero;
    unsigned char a_point[32];
    struct scalar a = scalar_of("key");
    (void)state;
    point_of(a, a_point);
    for (size_t i = 0; i < ARRAY_LEN(small_order); i++) {
        struct signature made = forge((const unsigned char *)small_order[i].p, zero, a,
                                      str_make(a_point, 32), STR("message"));
        assert_false(verify(str_make(a_point, 32), STR("message"), &made));
    }
}

/* y between p and 2^255 - 1, with either sign. */
static void test_SIG_01_non_canonical_key(void **state)
{
    unsigned char r_point[32];
    struct scalar a = scalar_of("key"), r = scalar_of("nonce");
    (void)state;
    point_of(r, r_point);
    for (unsigned low = 0xed; low <= 0xff; low++) {
        for (unsigned high = 0x7f; high <= 0xff; high += 0x80) {
            unsigned char key[32];
            memset(key, 0xff, sizeof key);
            key[0] = (unsigned char)low;
            key[31] = (unsigned char)high;
            struct signature made = forge(r_point, r, a, str_make(key, 32), STR("message"));
            assert_false(verify(str_make(key, 32), STR("message"), &made));
        }
    }
}

/* A key with a part of order 8: without cofactor, it holds when the challenge is a multiple of 8,
 * and only then. With cofactor it would always hold: this tells the two policies apart. */
static void test_SIG_01_mixed_order_key(void **state)
{
    unsigned char a_point[32], r_point[32], mixed[32];
    struct scalar a = scalar_of("key"), r = scalar_of("nonce");
    size_t held = 0;
    (void)state;
    point_of(a, a_point);
    point_of(r, r_point);
    assert_int_equal(crypto_core_ed25519_add(mixed, a_point, (const unsigned char *)ORDER_8.p), 0);
    struct str key = str_make(mixed, sizeof mixed);
    for (unsigned char m = 0; m < 128; m++) {
        struct str message = str_make(&m, sizeof m);
        struct signature made = forge(r_point, r, a, key, message);
        bool multiple_of_8 = (challenge(r_point, key, message).bytes[0] & 7) == 0;
        assert_int_equal(verify(key, message, &made), multiple_of_8);
        held += multiple_of_8;
    }
    assert_true(held > 0 && held < 128);
}

static int init(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_SIG_01_rfc8032),
        cmocka_unit_test(test_SIG_01_forge_is_sound),
        cmocka_unit_test(test_SIG_01_every_bit_counts),
        cmocka_unit_test(test_SIG_01_s_not_below_order),
        cmocka_unit_test(test_SIG_01_small_order_key),
        cmocka_unit_test(test_SIG_01_small_order_r),
        cmocka_unit_test(test_SIG_01_non_canonical_key),
        cmocka_unit_test(test_SIG_01_mixed_order_key),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
