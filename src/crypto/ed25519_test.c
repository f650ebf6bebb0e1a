/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/ed25519.h"

#include <pthread.h>
#include <string.h>

#include "base/unit.h"

/* RFC 8032, section 7.1, test 1. */
static const unsigned char seed[32] =
    "\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4"
    "\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
static const unsigned char public_key[32] =
    "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a"
    "\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
static const unsigned char signature[64] =
    "\xe5\x56\x43\x00\xc3\x60\xac\x72\x90\x86\xe2\xcc\x80\x6e\x82\x8a"
    "\x84\x87\x7f\x1e\xb8\xe5\xd9\x74\xd8\x73\xe0\x65\x22\x49\x01\x55"
    "\x5f\xb8\x82\x15\x90\xa3\x3b\xac\xc6\x1e\x39\x70\x1c\xf9\xb4\x6b"
    "\xd2\x5b\xf5\xf0\x59\x5b\xbe\x24\x65\x51\x41\x43\x8e\x7a\x10\x0b";

static void test_rfc8032(void **state)
{
    struct ed25519_key key;
    unsigned char made[ED25519_SIGNATURE_BYTES];
    (void)state;
    ed25519_key_from_seed(&key, seed);
    assert_memory_equal(key.public_key, public_key, sizeof public_key);
    ed25519_sign(&key, STR_NONE, made);
    assert_memory_equal(made, signature, sizeof signature);
    assert_true(ed25519_verify(str_make(public_key, 32), STR_NONE, str_make(signature, 64)));
    assert_false(ed25519_verify(str_make(public_key, 32), STR("x"), str_make(signature, 64)));
}

static void test_lengths(void **state)
{
    char longer[65] = {0};
    (void)state;
    memcpy(longer, signature, sizeof signature);
    struct str key = str_make(public_key, 32);
    assert_false(ed25519_verify(key, STR(""), str_make(longer, 65)));
    assert_false(ed25519_verify(key, STR(""), str_make(longer, 63)));
    assert_false(ed25519_verify(key, STR(""), STR_NONE));
    memcpy(longer, public_key, sizeof public_key);
    assert_false(ed25519_verify(str_make(longer, 31), STR(""), str_make(signature, 64)));
    assert_false(ed25519_verify(str_make(longer, 33), STR(""), str_make(signature, 64)));
    assert_false(ed25519_verify(STR_NONE, STR(""), str_make(signature, 64)));
}

static void test_wipe(void **state)
{
    static const struct ed25519_key zero;
    struct ed25519_key key;
    (void)state;
    ed25519_key_from_seed(&key, seed);
    ed25519_key_wipe(&key);
    assert_memory_equal(&key, &zero, sizeof key);
}

static void *sign_once(void *data)
{
    struct ed25519_key key;
    ed25519_key_from_seed(&key, seed);
    ed25519_sign(&key, STR("x"), data);
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    unsigned char made[4][ED25519_SIGNATURE_BYTES];
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_once, made[i]), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(
        ed25519_verify(str_make(public_key, 32), STR("x"), str_make(made[3], sizeof made[3])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads), /* first, so that they race for the initialisation */
        cmocka_unit_test(test_rfc8032),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_wipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
