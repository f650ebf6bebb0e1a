/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/email.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"

static bool is_email(struct arena *arena, struct str text)
{
    struct email email;
    struct err err = ERR_INIT;
    if (email_parse(arena, text, &email, &err) == 0)
        return true;
    assert_int_equal(err.kind, ERR_KIND_CLIENT);
    assert_string_equal(err.errcode, "M_INVALID_EMAIL");
    return false;
}

static struct email parsed(struct arena *arena, const char *text)
{
    struct email email = {0};
    struct err err = ERR_INIT;
    if (email_parse(arena, str_from(text), &email, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return email;
}

static void an_address_is_folded_once(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email email = parsed(arena, "Jean-Pierre.DUPONT+Tchap@Sub.Interieur.Example");
    (void)state;
    assert_str(email.full, STR("jean-pierre.dupont+tchap@sub.interieur.example"));
    assert_str(email.local, STR("jean-pierre.dupont+tchap"));
    assert_str(email.domain, STR("sub.interieur.example"));
    assert_true(is_email(arena, STR("o'brien@a.b")));
    assert_true(is_email(arena, STR("_x_1@a-b.c1.d")));
}

/* ACC-01, ACC-02: what a mail server, a map and a reader could understand in two ways. */
static void what_has_two_meanings_is_refused(void **state)
{
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("@"),
        STR_INIT("a@"),
        STR_INIT("@gouv.example"),
        STR_INIT("a"),
        STR_INIT("a@evil.org@gouv.example"),
        STR_INIT("a@evil.org@real@gouv.example"),
        STR_INIT("a@@gouv.example"),
        STR_INIT("X <a@evil.org>"),
        STR_INIT("<a@evil.org>"),
        STR_INIT("a@evil.org,b@gouv.example"),
        STR_INIT("a@evil.org;b@gouv.example"),
        STR_INIT("\"a@gouv.example\"@evil.org"),
        STR_INIT("\"a\"@gouv.example"),
        STR_INIT("a(comment)@gouv.example"),
        STR_INIT("a@gouv.example(comment)"),
        STR_INIT("a@[127.0.0.1]"),
        STR_INIT("a@127.0.0.1"),
        STR_INIT("a@[IPv6:::1]"),
        STR_INIT("a%evil.org@gouv.example"),
        STR_INIT("evil.org!a@gouv.example"),
        STR_INIT("@evil.org:a@gouv.example"),
        STR_INIT("a@gouv.example."),
        STR_INIT("a@.gouv.example"),
        STR_INIT("a@gouv..example"),
        STR_INIT("a@gouv"),
        STR_INIT("a\0@gouv.example"),
        STR_INIT("a@gouv.example\0"),
        STR_INIT("a@gouv.example\r\nBcc: x@evil.org"),
        STR_INIT("a@gouv.example\n"),
        STR_INIT(" a@gouv.example"),
        STR_INIT("a@gouv.example "),
        STR_INIT("a b@gouv.example"),
        STR_INIT("a\t@gouv.example"),
        STR_INIT("a\\@gouv.example"),
        STR_INIT("a@gouv_x.example"),
        STR_INIT("a@-gouv.example"),
        STR_INIT("a@gouv-.example"),
        STR_INIT("a@gouv.example/x"),
        STR_INIT("a@gouv.example?x"),
        STR_INIT("a@gouv.example#x"),
        STR_INIT("mailto:a@gouv.example"),
        STR_INIT(".a@gouv.example"),
        STR_INIT("a.@gouv.example"),
        STR_INIT("a..b@gouv.example"),
        STR_INIT("-oX@gouv.example"),
        STR_INIT("a\xef\xbc\xa0gouv.example"),
        STR_INIT("a@gouv\xef\xbc\x8e"
                 "example"),
        STR_INIT("a@g\xd0\xbeuv.example"),
        STR_INIT("\xc3\xa9@gouv.example"),
        STR_INIT("=?utf-8?q?a?=@gouv.example"),
        STR_INIT("a&b@gouv.example"),
    };
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (is_email(arena, bad[i]))
            fail_msg("accepted: %.*s", STR_ARG(bad[i]));
}

static void lengths_are_bounded(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
    char text[EMAIL_MAX + 2];
    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text + 64, "@b.c", 4);
    assert_true(is_email(arena, str_make(text, 68)));
    text[64] = 'a';
    text[65] = '@';
    assert_false(is_email(arena, str_make(text, 70)));
    memset(text, 'a', sizeof text);
    text[1] = '@';
    for (size_t i = 3; i < sizeof text; i += 60)
        text[i] = '.';
    assert_true(is_email(arena, str_make(text, EMAIL_MAX)));
    assert_false(is_email(arena, str_make(text, EMAIL_MAX + 1)));
    memset(text, 'a', sizeof text);
    memcpy(text, "a@", 2);
    memcpy(text + 2 + 64, ".fr", 3);
    assert_false(is_email(arena, str_make(text, 2 + 64 + 3)));
    memcpy(text + 2 + 63, ".fr", 3);
    assert_true(is_email(arena, str_make(text, 2 + 63 + 3)));
}

static void assert_names(const char *address, const char *localpart, const char *name)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email email = parsed(arena, address);
    assert_str(email_localpart(arena, &email, 0), str_from(localpart));
    assert_str(email_display_name(arena, &email), str_from(name));
}

/* As the reference derives them (tchap.md, 1.2). */
static void names_come_from_the_address(void **state)
{
    (void)state;
    assert_names("john.doe@example.com", "john.doe-example.com", "John Doe [Example]");
    assert_names("John.Doe@Example.com", "john.doe-example.com", "John Doe [Example]");
    assert_names("user+tag@domain.com", "usertag-domain.com", "User+tag [Domain]");
    assert_names("jane.smith@example.gouv.fr", "jane.smith-example.gouv.fr",
                 "Jane Smith [Example]");
    assert_names("user@gouv.fr", "user-gouv.fr", "User [Gouv]");
    assert_names("jean-pierre.de-la-tour@sub.dev-durable.gouv.fr",
                 "jean-pierre.de-la-tour-sub.dev-durable.gouv.fr",
                 "Jean-Pierre De-La-Tour [Dev-Durable]");
    assert_names("o'brien@ac-paris.fr", "obrien-ac-paris.fr", "O'brien [Ac-Paris]");
    assert_names("a@x.gouv.example", "a-x.gouv.example", "A [Gouv]");
}

/* ID-09: two addresses may derive one name; the second gets a number. */
static void a_taken_name_counts_up(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email one = parsed(arena, "a-b@x.fr"), other = parsed(arena, "a@b-x.fr");
    struct email digits = parsed(arena, "x@y.a19");
    (void)state;
    assert_str(email_localpart(arena, &one, 0), email_localpart(arena, &other, 0));
    assert_str(email_localpart(arena, &one, 1), STR("a-b-x.fr1"));
    assert_str(email_localpart(arena, &one, 2), STR("a-b-x.fr2"));
    assert_str(email_localpart(arena, &digits, 1), STR("x-y.a20"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_folded_once),
        cmocka_unit_test(what_has_two_meanings_is_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(names_come_from_the_address),
        cmocka_unit_test(a_taken_name_counts_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
