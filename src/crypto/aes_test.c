/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/aes.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"

/* NIST SP 800-38A, F.2.5 and F.5.5: one key. */
static const unsigned char KEY[AES_KEY_BYTES] = {
    0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81,
    0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4};
static const unsigned char COUNTER[AES_BLOCK_BYTES] = {
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
static const unsigned char PLAIN[32] = {
    0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a,
    0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51};
static const unsigned char CIPHER[32] = {
    0x60, 0x1e, 0xc3, 0x13, 0x77, 0x57, 0x89, 0xa5, 0xb7, 0xa7, 0xf5, 0x04, 0xbb, 0xf3, 0xd2, 0x28,
    0xf4, 0x43, 0xe3, 0xca, 0x4d, 0x62, 0xb5, 0x9a, 0xca, 0x84, 0xe9, 0x90, 0xca, 0xca, 0xf5, 0xc5};

static void test_ctr_in_pieces_of_any_size(void **state)
{
    char text[sizeof CIPHER];
    (void)state;
    for (size_t piece = 1; piece <= sizeof CIPHER; piece++) {
        struct aes_ctr *ctr = aes_ctr_new(KEY, COUNTER);
        for (size_t at = 0; at < sizeof CIPHER; at += piece) {
            size_t n = sizeof CIPHER - at < piece ? sizeof CIPHER - at : piece;
            aes_ctr_apply(ctr, str_make(CIPHER + at, n), text + at);
        }
        aes_ctr_free(ctr);
        assert_memory_equal(text, PLAIN, sizeof PLAIN);
    }
}

/* The counter of 128 bits goes round. */
static void test_ctr_carries(void **state)
{
    unsigned char all_ones[AES_BLOCK_BYTES], zero[AES_BLOCK_BYTES] = {0};
    char zeros[32] = {0}, first[32], second[16];
    (void)state;
    memset(all_ones, 0xff, sizeof all_ones);
    struct aes_ctr *ctr = aes_ctr_new(KEY, all_ones);
    aes_ctr_apply(ctr, str_make(zeros, 32), first);
    aes_ctr_free(ctr);
    ctr = aes_ctr_new(KEY, zero);
    aes_ctr_apply(ctr, str_make(zeros, 16), second);
    aes_ctr_free(ctr);
    assert_memory_equal(first + 16, second, 16);
}

/* By the openssl command under the same key and IV: "chap", and "0123456789abcdef". */
static const unsigned char CBC[16] = {0xd8, 0x30, 0xe6, 0x91, 0x0a, 0x0c, 0x98, 0x8b,
                                      0x65, 0xeb, 0x63, 0x05, 0xe2, 0xf6, 0x7a, 0x76};
static const unsigned char CBC_WHOLE[32] = {
    0xed, 0x67, 0x23, 0xb0, 0x57, 0x07, 0xe2, 0x80, 0x6a, 0x65, 0x7d, 0x6d, 0xa9, 0x2d, 0xae, 0xa4,
    0x9b, 0x41, 0x9e, 0x1c, 0x1a, 0x21, 0x5a, 0xa5, 0x92, 0x2f, 0xd0, 0xb0, 0x8b, 0x2a, 0x00, 0x1a};

static void test_cbc(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(4));
    struct str text;
    (void)state;
    assert_int_equal(aes_cbc_decrypt(arena, KEY, COUNTER, str_make(CBC, 16), &text), 0);
    assert_str(text, STR("chap"));
    assert_int_equal(aes_cbc_decrypt(arena, KEY, COUNTER, str_make(CBC_WHOLE, 32), &text), 0);
    assert_str(text, STR("0123456789abcdef"));
}

static void test_cbc_refuses_what_is_no_ciphertext(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(4));
    struct str text = STR("untouched");
    (void)state;
    assert_int_equal(aes_cbc_decrypt(arena, KEY, COUNTER, STR_NONE, &text), -1);
    assert_int_equal(aes_cbc_decrypt(arena, KEY, COUNTER, STR("fifteen bytes.."), &text), -1);
    assert_int_equal(aes_cbc_decrypt(arena, KEY, COUNTER, str_make(CBC_WHOLE, 16), &text), -1);
    assert_str(text, STR("untouched"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ctr_in_pieces_of_any_size),
        cmocka_unit_test(test_ctr_carries),
        cmocka_unit_test(test_cbc),
        cmocka_unit_test(test_cbc_refuses_what_is_no_ciphertext),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
