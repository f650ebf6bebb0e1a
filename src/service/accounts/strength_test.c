/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/strength.h"

#include "base/attr.h"
#include "base/unit.h"

static void what_is_tried_first_is_common(void **state)
{
    static const char *const common[] = {
        "",
        "motdepasse2026",
        "MotDePasse123!",
        "M0tD3P4sse!2025",
        "password1234",
        "P@ssw0rd2026!!",
        "passwordpassword",
        "aaaaaaaaaaaaaa",
        "abababababababab",
        "123456789012",
        "azertyuiop123",
        "qwertyuiop[]12",
        "Bonjour123456",
        "Ministère2026!",
        "Liberté-Égalité",
        "jeandupont1975",
        "Marseille13013",
        "Décembre2026!!",
        "bienvenue2026!",
        "abcdefghijklmnop",
        "zyxwvutsrqpo",
        "01011980paris",
        "0000000000000000",
        "chappechappechappe",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(common); i++)
        if (!password_is_common(str_from(common[i])))
            fail_msg("let through: %s", common[i]);
}

static void what_takes_guessing_passes(void **state)
{
    static const char *const good[] = {
        "correct horse battery staple",
        "un grand lac sous la brume",
        "soleil maison jardin voiture",
        "Kz8!vb2#Qm4x",
        "xkqjvwzpmtrb",
        "Trois-Tulipes&un-Ornithorynque",
        "éàüïôçœ≠πφ∂ß",
        "la pluie tombe encore",
        "a long password of mine",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (password_is_common(str_from(good[i])))
            fail_msg("refused: %s", good[i]);
}

static void any_bytes_are_judged(void **state)
{
    static char bytes[4096];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 167 + i / 256);
    for (size_t n = 0; n < sizeof bytes; n += 97)
        (void)password_is_common(str_make(bytes, n));
    assert_true(password_is_common(STR("\xc3")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_tried_first_is_common),
        cmocka_unit_test(what_takes_guessing_passes),
        cmocka_unit_test(any_bytes_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
