/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/fold.h"

#include "base/limits.h"
#include "base/unit.h"

static void folds_to(const char *text, const char *folded)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str result;
    assert_int_equal(fold(arena, str_from(text), &result), 0);
    assert_str(result, str_from(folded));
}

static void accents_case_and_ligatures(void **state)
{
    (void)state;
    folds_to("", "");
    folds_to("Élodie", "elodie");
    folds_to("E\xcc\x81lodie", "elodie"); /* a combining accent */
    folds_to("Çağrı", "cagri");
    folds_to("Cœur ŒUVRE", "coeur oeuvre");
    folds_to("Lætitia", "laetitia");
    folds_to("o\xef\xac\x83\x63\x65", "office"); /* the ligature ffi */
    folds_to("Straße STRASSE", "strasse strasse");
    folds_to("Łukasz Đorđe Søren", "lukasz dorde soren");
    folds_to("ＤＵＰＯＮＴ", "dupont");               /* full width */
    folds_to("Du\xc2\xadpo\xe2\x80\x8bnt", "dupont"); /* a soft hyphen, a space of no width */
    folds_to("L’Haÿ", "l'hay");
    folds_to("ΣΊΣΥΦΟΣ", "σισυφοσ");
    folds_to("Ｉ%_*", "i%_*");
}

static void what_is_no_utf8_is_refused(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str result = STR("untouched");
    (void)state;
    assert_int_equal(fold(arena, STR("a\xc3"), &result), -1);
    assert_int_equal(fold(arena, STR("\xed\xa0\x80"), &result), -1);
    assert_str(result, STR("untouched"));
    assert_int_equal(fold(arena, STR("a\0b"), &result), 0);
    assert_int_equal(result.n, 3);
}

static void words(void **state)
{
    struct str folded = STR(" jean-pierre d'artagnan  (a_b) [interieur] %");
    const char *expected[] = {"jean", "pierre", "d", "artagnan", "a_b", "interieur", "%"};
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_str(fold_next_word(folded, &at), str_from(expected[i]));
    assert_null(fold_next_word(folded, &at).p);
    assert_null(fold_next_word(folded, &at).p);
}

static void runs_of_letters_and_digits(void **state)
{
    struct str text = STR("« L’école, c_est 42 % \xff d'Aubigne\xcc\x81 » ½\0x");
    const char *expected[] = {"L", "école", "c", "est", "42", "d", "Aubigne\xcc\x81", "½", "x"};
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_str(fold_next_run(text, &at), str_from(expected[i]));
    assert_null(fold_next_run(text, &at).p);
    assert_null(fold_next_run(text, &at).p);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(runs_of_letters_and_digits),
    cmocka_unit_test(accents_case_and_ligatures),
    cmocka_unit_test(what_is_no_utf8_is_refused),
    cmocka_unit_test(words),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
