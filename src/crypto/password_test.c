/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/password.h"

#include "base/limits.h"
#include "base/unit.h"

static void test_argon2id(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str hash, other;
    struct err err = ERR_INIT;
    bool rehash = true;
    assert_int_equal(password_hash(arena, STR("correct\0horse"), &hash, &err), 0);
    assert_int_equal(password_hash(arena, STR("correct\0horse"), &other, &err), 0);
    assert_true(str_starts(hash, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_false(str_eq(hash, other));
    assert_true(password_verify(hash, STR("correct\0horse"), &rehash));
    assert_false(rehash);
    assert_false(password_verify(hash, STR("correct\0house"), &rehash));
    assert_false(password_verify(hash, STR("correct"), &rehash));
    assert_false(password_verify(hash, STR(""), &rehash));
}

static void test_older_cost_is_rehashed(void **state)
{
    bool rehash = false;
    (void)state;
    assert_true(password_verify(STR("$argon2id$v=19$m=64,t=1,p=1$6f6j59I6R4HbRiaZvIeMYA$"
                                    "MSy5P2HK2rPpy9bkXJHCydMOeHNAQqeSQ/sdj1EN1Js"),
                                STR("x"), &rehash));
    assert_true(rehash);
}

static void test_bcrypt(void **state)
{
    static const struct str hashes[] = {
        STR_INIT("$2a$04$N9qo8uLOickgx2ZMRZoMyeSuVmV5MQilj2yZi38Fq2CCnx12jZvOG"),
        STR_INIT("$2b$04$N9qo8uLOickgx2ZMRZoMyeSuVmV5MQilj2yZi38Fq2CCnx12jZvOG"),
        STR_INIT("$2y$04$N9qo8uLOickgx2ZMRZoMyeSuVmV5MQilj2yZi38Fq2CCnx12jZvOG"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        bool rehash = false;
        assert_true(password_verify(hashes[i], STR("password"), &rehash));
        assert_true(rehash);
        assert_false(password_verify(hashes[i], STR("Password"), &rehash));
        assert_false(rehash);
        assert_false(password_verify(hashes[i], STR("password\0"), &rehash));
    }
}

static void test_bcrypt_72_bytes(void **state)
{
    char password[73];
    bool rehash;
    (void)state;
    for (size_t i = 0; i < sizeof password; i++)
        password[i] = 'a';
    struct str hash = STR("$2b$04$N9qo8uLOickgx2ZMRZoMyeF1J3tt0w8.ywyH26Gg0MaR3.85io4ma");
    assert_true(password_verify(hash, str_make(password, 72), &rehash));
    assert_false(password_verify(hash, str_make(password, 73), &rehash));
    assert_false(password_verify(hash, str_make(password, 71), &rehash));
}

static void test_nonsense_hashes(void **state)
{
    static const struct str hashes[] = {
        STR_INIT(""),
        STR_INIT("x"),
        STR_INIT("$argon2id$"),
        STR_INIT("$argon2id$v=19$m=19456,t=2,p=1$"),
        STR_INIT("$argon2i$v=19$m=8,t=3,p=1$c29tZXNhbHQ$x"),
        STR_INIT("$2b$31$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        STR_INIT("$2x$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        STR_INIT("$2b$04$abcdefghijklmnopqrst\0uAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        STR_INIT("$6$salt$x"),
        STR_INIT("*0"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        bool rehash = true;
        assert_false(password_verify(hashes[i], STR("x"), &rehash));
        assert_false(rehash);
    }
    bool rehash;
    assert_false(password_verify(STR_NONE, STR_NONE, &rehash));
}

static void test_nothing(void **state)
{
    (void)state;
    assert_false(password_verify_nothing(STR("x")));
    assert_false(password_verify_nothing(STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_argon2id),        cmocka_unit_test(test_older_cost_is_rehashed),
        cmocka_unit_test(test_bcrypt),          cmocka_unit_test(test_bcrypt_72_bytes),
        cmocka_unit_test(test_nonsense_hashes), cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
