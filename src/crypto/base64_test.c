/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/base64.h"

#include "base/limits.h"
#include "base/unit.h"

/* Specification, appendices, "Unpadded Base64". */
static void test_examples(void **state)
{
    static const struct str cases[][3] = {
        {STR_INIT(""), STR_INIT(""), STR_INIT("")},
        {STR_INIT("f"), STR_INIT("Zg"), STR_INIT("Zg==")},
        {STR_INIT("fo"), STR_INIT("Zm8"), STR_INIT("Zm8=")},
        {STR_INIT("foo"), STR_INIT("Zm9v"), STR_INIT("Zm9v")},
        {STR_INIT("foob"), STR_INIT("Zm9vYg"), STR_INIT("Zm9vYg==")},
        {STR_INIT("fooba"), STR_INIT("Zm9vYmE"), STR_INIT("Zm9vYmE=")},
        {STR_INIT("foobar"), STR_INIT("Zm9vYmFy"), STR_INIT("Zm9vYmFy")},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        struct str bytes;
        assert_str(base64_encode_arena(arena, cases[i][0], BASE64_STANDARD), cases[i][1]);
        for (size_t form = 1; form < 3; form++) {
            assert_int_equal(base64_decode(arena, cases[i][form], BASE64_STANDARD, &bytes), 0);
            assert_str(bytes, cases[i][0]);
        }
    }
}

static void test_every_byte_both_alphabets(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf out;
    unsigned char all[256];
    buf_init(&out, 1000);
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)(255 - i);
    for (size_t n = 0; n <= sizeof all; n++) {
        for (enum base64_alphabet a = BASE64_STANDARD; a <= BASE64_URL; a++) {
            struct str bytes;
            buf_clear(&out);
            base64_encode(&out, str_make(all, n), a);
            assert_int_equal(base64_decode(arena, buf_str(&out), a, &bytes), 0);
            assert_str(bytes, str_make(all, n));
            assert_int_equal(str_find(buf_str(&out), a == BASE64_URL ? '+' : '-'), -1);
        }
    }
}

static void test_alphabets_differ(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str bytes;
    assert_str(base64_encode_arena(arena, STR("\xfb\xff"), BASE64_STANDARD), STR("+/8"));
    assert_str(base64_encode_arena(arena, STR("\xfb\xff"), BASE64_URL), STR("-_8"));
    assert_int_equal(base64_decode(arena, STR("+/8"), BASE64_URL, &bytes), -1);
    assert_int_equal(base64_decode(arena, STR("-_8"), BASE64_STANDARD, &bytes), -1);
}

static void test_refusals(void **state)
{
    static const struct str cases[] = {
        STR_INIT("Z"),         STR_INIT("Zm9vY"),    STR_INIT("Zh"),       STR_INIT("Zm9"),
        STR_INIT("Zg="),       STR_INIT("Zg==="),    STR_INIT("Zm8=="),    STR_INIT("="),
        STR_INIT("=="),        STR_INIT("===="),     STR_INIT("Z==="),     STR_INIT("Zm9v="),
        STR_INIT("Zm9v=="),    STR_INIT("Zm9v===="), STR_INIT("Zg==Zg=="), STR_INIT("Z g"),
        STR_INIT("Zm9v\n"),    STR_INIT(" Zm9v"),    STR_INIT("Zm\0v"),    STR_INIT("Zm9\xc3"),
        STR_INIT("Zm9v.Zm9v"), STR_INIT("Zm9="),     STR_INIT("Zm=="),     STR_INIT("Z=m8"),
        STR_INIT("Zi"),        STR_INIT("Zk"),       STR_INIT("Zo"),       STR_INIT("Zm+"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        struct str bytes = STR_NONE;
        if (base64_decode(arena, cases[i], BASE64_STANDARD, &bytes) == 0)
            fail_msg("accepted: %.*s", STR_ARG(cases[i]));
        assert_null(bytes.p);
    }
}

static void test_exact_lengths(void **state)
{
    unsigned char bytes[4] = {0};
    (void)state;
    assert_int_equal(base64_decode_exactly(STR("Zm9v"), BASE64_STANDARD, bytes, 3), 0);
    assert_memory_equal(bytes, "foo", 3);
    assert_int_equal(bytes[3], 0);
    assert_int_equal(base64_decode_exactly(STR("Zm8="), BASE64_STANDARD, bytes, 2), 0);
    assert_int_equal(base64_decode_exactly(STR("Zm9v"), BASE64_STANDARD, bytes, 2), -1);
    assert_int_equal(base64_decode_exactly(STR("Zm9v"), BASE64_STANDARD, bytes, 4), -1);
    assert_int_equal(base64_decode_exactly(STR("Zm9!"), BASE64_STANDARD, bytes, 3), -1);
    assert_int_equal(base64_decode_exactly(STR_NONE, BASE64_STANDARD, bytes, 3), -1);
    assert_int_equal(base64_decode_exactly(STR_NONE, BASE64_STANDARD, bytes, 0), 0);
}

/* Trailing bits are forgiven, and nothing else is. */
static void test_secrets(void **state)
{
    static const struct {
        struct str text, bytes; /* STR_NONE: refused */
    } cases[] = {
        {STR_INIT("Zg"), STR_INIT("f")},    {STR_INIT("Zh"), STR_INIT("f")},
        {STR_INIT("Zv=="), STR_INIT("f")},  {STR_INIT("Zm9"), STR_INIT("fo")},
        {STR_INIT("Zm+="), STR_INIT("fo")}, {STR_INIT("Zm9v"), STR_INIT("foo")},
        {STR_INIT(""), STR_INIT("")},       {.text = STR_INIT("Z")},
        {.text = STR_INIT("Zh=")},          {.text = STR_INIT("Zh===")},
        {.text = STR_INIT("Zh\n")},         {.text = STR_INIT("Z-")},
        {.text = STR_INIT("Zm9v=")},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        struct str bytes = STR_NONE;
        int result = base64_decode_secret(arena, cases[i].text, BASE64_STANDARD, &bytes);
        assert_int_equal(result, cases[i].bytes.p ? 0 : -1);
        assert_str(bytes, cases[i].bytes);
    }
}

static void test_full_buffer(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, 3);
    base64_encode(&out, STR("foo"), BASE64_STANDARD);
    assert_true(buf_is_full(&out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),         cmocka_unit_test(test_every_byte_both_alphabets),
        cmocka_unit_test(test_alphabets_differ), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_exact_lengths),    cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
