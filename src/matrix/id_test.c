/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/id.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"

/* A string of n letters 'a' with something before and after, in a static buffer. */
static struct str padded(const char *before, size_t n, const char *after)
{
    static char room[2048];
    size_t b = strlen(before), a = strlen(after);
    assert_true(b + n + a < sizeof room);
    memcpy(room, before, b);
    memset(room + b, 'a', n);
    memcpy(room + b + n, after, a);
    return str_make(room, b + n + a);
}

static void server_names_of_the_specification(void **state)
{
    struct err err = ERR_INIT;
    struct server_name name;
    (void)state;
    const struct str good[] = {
        STR("matrix.org"),      STR("matrix.org:8888"),      STR("1.2.3.4"),
        STR("1.2.3.4:1234"),    STR("[1234:5678::abcd]"),    STR("[1234:5678::abcd]:5678"),
        STR("localhost"),       STR("xn--e1afmkfd.example"), STR("MATRIX.org"),
        STR("1.2.3.4.example"), STR("1-2.example"),          STR("a:1"),
        STR("a:65535")};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(server_name_parse(good[i], &name, &err), 0);

    assert_int_equal(server_name_parse(STR("[::1]:443"), &name, &err), 0);
    assert_str(name.host, STR("[::1]"));
    assert_int_equal(name.port, 443);
    assert_true(name.is_ip);
    assert_int_equal(server_name_parse(STR("1.2.3.4.example"), &name, &err), 0);
    assert_false(name.is_ip);
    assert_int_equal(name.port, 0);
}

/* Hostile input ID-02. */
static void id_02_server_names_refused(void **state)
{
    struct err err = ERR_INIT;
    struct server_name name;
    (void)state;
    const struct str bad[] = {STR(""),           STR(":80"),
                              STR("a:"),         STR("a:0"),
                              STR("a:65536"),    STR("a:0443"),
                              STR("a:80:80"),    STR("a:-1"),
                              STR("a:8o"),       STR("a:99999999999999999999"),
                              STR("[::1"),       STR("::1"),
                              STR("[]"),         STR("[::1]x"),
                              STR("[::1]443"),   STR("[1.2.3.4]"),
                              STR("[::1%eth0]"), STR("[g::1]"),
                              STR("a."),         STR(".a"),
                              STR("a..b"),       STR("-a.b"),
                              STR("a-.b"),       STR("u@a"),
                              STR("u:p@a"),      STR("a/b"),
                              STR("a?b"),        STR("a b"),
                              STR("a_b"),        STR("a\n"),
                              STR("b\0c"),       STR("\xc3\xa9.fr"),
                              STR("256.1.1.1"),  STR("01.2.3.4"),
                              STR("1.2.3.4:"),   STR("*.example"),
                              STR("https://a")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (server_name_parse(bad[i], &name, &err) == 0)
            print_error("accepted: %.*s\n", STR_ARG(bad[i]));
        assert_int_equal(server_name_parse(bad[i], &name, &err), -1);
        assert_int_equal(err.status, 400);
    }
    assert_true(server_name_is_valid(padded("", 63, ".fr")));
    assert_false(server_name_is_valid(padded("", 64, ".fr")));
    /* One comparison rule: bytes. */
    struct server_name other;
    assert_int_equal(server_name_parse(STR("A.example"), &name, &err), 0);
    assert_int_equal(server_name_parse(STR("a.example"), &other, &err), 0);
    assert_false(str_eq(name.full, other.full));
}

static void user_ids(void **state)
{
    struct err err = ERR_INIT;
    struct user_id id;
    (void)state;
    assert_int_equal(user_id_parse_strict(STR("@a.b_c=d-e/f+0:s.example:8448"), &id, &err), 0);
    assert_str(id.localpart, STR("a.b_c=d-e/f+0"));
    assert_str(id.server, STR("s.example:8448"));

    const struct str bad[] = {STR(""),        STR("@"),      STR("a:b"),   STR("@a"),
                              STR("@a:"),     STR("@a:b:c"), STR("!a:b"),  STR("@\xff:b"),
                              STR("@a\0b:c"), STR("@a:b/"),  STR("@a:b\0")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(user_id_parse(bad[i], &id, &err), -1);
        assert_string_equal(err.errcode, "M_INVALID_PARAM");
        assert_int_equal(user_id_parse_strict(bad[i], &id, &err), -1);
    }
    /* "Historical user IDs": from events only. */
    const struct str historical[] = {STR("@A:b"), STR("@:b"), STR("@\xc3\xa9\n:b"), STR("@a b:c")};
    for (size_t i = 0; i < ARRAY_LEN(historical); i++) {
        assert_int_equal(user_id_parse(historical[i], &id, &err), 0);
        assert_int_equal(user_id_parse_strict(historical[i], &id, &err), -1);
    }
    assert_int_equal(user_id_parse(padded("@", 252, ":b"), &id, &err), 0);
    assert_int_equal(user_id_parse(padded("@", 253, ":b"), &id, &err), -1);
}

/* Hostile input ID-01. */
static void id_01_localparts_for_new_accounts(void **state)
{
    struct err err = ERR_INIT;
    struct arena *arena = arena_new(KIB(4));
    struct user_id id;
    (void)state;
    const struct str bad[] = {STR(""),    STR("Alice"),    STR("a\0b"),         STR("a\n"),
                              STR("a:b"), STR("a b"),      STR("@a"),           STR("a@b"),
                              STR("a\\"), STR("\xd0\xb0"), STR("a\xe2\x80\x8b")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(user_localpart_check(bad[i], STR("s"), &err), -1);
        assert_string_equal(err.errcode, "M_INVALID_USERNAME");
        assert_int_equal(user_id_make(arena, bad[i], STR("s"), &id, &err), -1);
    }
    assert_int_equal(user_localpart_check(padded("", 252, ""), STR("s"), &err), 0);
    assert_int_equal(user_localpart_check(padded("", 253, ""), STR("s"), &err), -1);
    assert_int_equal(user_id_make(arena, STR("a-b"), STR("s.example"), &id, &err), 0);
    assert_str(id.full, STR("@a-b:s.example"));
    assert_str(id.localpart, STR("a-b"));
    arena_free(arena);
}

#define HASH "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ012-_89"

static void room_ids(void **state)
{
    struct err err = ERR_INIT;
    struct room_id id;
    (void)state;
    assert_int_equal(room_id_parse(STR("!x y:s:1"), &id, &err), 0);
    assert_str(id.server, STR("s:1"));
    assert_int_equal(room_id_parse(STR("!" HASH), &id, &err), 0);
    assert_null(id.server.p);
    assert_str(id.localpart, STR(HASH));
    const struct str bad[] = {
        STR("!"),      STR("!:s"),        STR("!abc"),
        STR("$" HASH), STR("!" HASH "a"), STR("!" HASH ":"),
        STR("!a\0:s"), STR("!a:s/../x"),  STR("!+bcdefghijklmnopqrstuvwxyzABCDEFGHIJ012-_89")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(room_id_parse(bad[i], &id, &err), -1);
    assert_int_equal(room_id_parse(padded("!", 252, ":b"), &id, &err), 0);
    assert_int_equal(room_id_parse(padded("!", 253, ":b"), &id, &err), -1);
}

static void event_ids_and_aliases(void **state)
{
    struct err err = ERR_INIT;
    struct event_id id;
    struct room_alias alias;
    (void)state;
    assert_int_equal(event_id_parse(STR("$" HASH), &id, &err), 0);
    assert_int_equal(event_id_parse(STR("$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk"), &id, &err),
                     0);
    assert_int_equal(event_id_parse(STR("$x:s"), &id, &err), -1);
    assert_int_equal(event_id_parse(STR("!" HASH), &id, &err), -1);
    assert_int_equal(event_id_parse(STR("$" HASH "="), &id, &err), -1);
    assert_int_equal(room_alias_parse(STR("#\xc3\xa9t\xc3\xa9:s"), &alias, &err), 0);
    assert_str(alias.localpart, STR("\xc3\xa9t\xc3\xa9"));
    assert_int_equal(room_alias_parse(STR("#:s"), &alias, &err), -1);
    assert_int_equal(room_alias_parse(STR("#a\0:s"), &alias, &err), -1);
    assert_int_equal(room_alias_parse(STR("#a"), &alias, &err), -1);
}

static void mxc_uris(void **state)
{
    struct err err = ERR_INIT;
    struct mxc_uri uri;
    (void)state;
    assert_int_equal(mxc_uri_parse(STR("mxc://s:1/A-z_9"), &uri, &err), 0);
    assert_str(uri.server, STR("s:1"));
    assert_str(uri.media_id, STR("A-z_9"));
    const struct str bad[] = {STR(""),
                              STR("mxc://s"),
                              STR("mxc://s/"),
                              STR("MXC://s/a"),
                              STR("mxc:///a"),
                              STR("mxc://s/a/b"),
                              STR("mxc://s/.."),
                              STR("mxc://s/a#x"),
                              STR("mxc://s/%2e%2e"),
                              STR("mxc://127.0.0.1/../../x"),
                              STR("mxc://s/..\\x"),
                              STR("mxc://s/a\0")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(mxc_uri_parse(bad[i], &uri, &err), -1);
    assert_true(media_id_is_valid(padded("", 255, "")));
    assert_false(media_id_is_valid(padded("", 256, "")));
}

static void keys_devices_and_opaque_ids(void **state)
{
    struct err err = ERR_INIT;
    struct key_id key;
    struct device_id device;
    (void)state;
    assert_int_equal(key_id_parse(STR("signed_curve25519:AAA/+Q"), &key, &err), 0);
    assert_str(key.algorithm, STR("signed_curve25519"));
    assert_str(key.name, STR("AAA/+Q"));
    const struct str bad[] = {
        STR(""),     STR("ed25519"),     STR("ed25519:"),         STR(":a"),
        STR("Ed:a"), STR("ed25519:a b"), STR("ed25519:\xc3\xa9"), STR("ed25519:a\0")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(key_id_parse(bad[i], &key, &err), -1);
    assert_int_equal(key_id_parse_signing(STR("ed25519:a_1"), &key, &err), 0);
    assert_int_equal(key_id_parse_signing(STR("ed25519:a-1"), &key, &err), -1);
    assert_int_equal(key_id_parse_signing(padded("ed25519:", 248, ""), &key, &err), -1);

    assert_int_equal(device_id_parse(STR("ABC-def.1"), &device, &err), 0);
    assert_int_equal(device_id_parse(padded("", LIMIT_DEVICE_ID_BYTES, ""), &device, &err), 0);
    assert_int_equal(device_id_parse(padded("", LIMIT_DEVICE_ID_BYTES + 1, ""), &device, &err), -1);
    assert_int_equal(device_id_parse(STR(""), &device, &err), -1);
    assert_int_equal(device_id_parse(STR("kJ/9+w"), &device, &err), 0);
    assert_int_equal(device_id_parse(STR("a b"), &device, &err), -1);
    assert_int_equal(device_id_parse(STR("a\xc3\xa9"), &device, &err), -1);

    assert_true(opaque_id_is_valid(STR("aZ0-._~")));
    assert_false(opaque_id_is_valid(STR("")));
    assert_false(opaque_id_is_valid(STR("a/b")));
    assert_false(opaque_id_is_valid(padded("", 256, "")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_names_of_the_specification),
        cmocka_unit_test(id_02_server_names_refused),
        cmocka_unit_test(user_ids),
        cmocka_unit_test(id_01_localparts_for_new_accounts),
        cmocka_unit_test(room_ids),
        cmocka_unit_test(event_ids_and_aliases),
        cmocka_unit_test(mxc_uris),
        cmocka_unit_test(keys_devices_and_opaque_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
