/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"
#include "crypto/base64.h"
#include "matrix/signing.h"
#include "matrix/test_room.h"

/* v12 auth 5.4.1 (v8 to v11 auth 4.4.1, v6 auth 4.3.1), in five versions. */

static const char *const versions[] = {"6", "8", "10", "11", "12"};

/* The room offers token "t", by @user:a; the identity server's key is the room's. */
static void init(struct test_room *room, const char *version, const char *keys)
{
    test_room_init(room, version, "");
    struct str key = str_make(room->key.public_key, sizeof room->key.public_key);
    struct str text = base64_encode_arena(room->arena, key, BASE64_STANDARD);
    struct str line = arena_printf(room->arena, "@user:a|m.room.third_party_invite|t|%s", keys);
    struct buf CLEANUP(buf_done) out;
    struct str head, tail = line;
    buf_init(&out, LIMIT_EVENT_BYTES);
    while (str_cut(tail, '%', &head, &tail)) {
        buf_add(&out, head);
        buf_add(&out, text);
    }
    buf_add(&out, head);
    test_room_add(room, arena_str(room->arena, buf_str(&out)).p);
}

/* @user:a invites `target`, showing `signed_text` signed by the identity server. */
static const struct pdu *invite(struct test_room *room, const char *sender, const char *target,
                                const char *signed_text)
{
    const struct json *doc;
    struct str signed_json;
    assert_int_equal(
        json_parse(room->arena, test_room_json(room->arena, signed_text), &doc, &room->err), 0);
    assert_int_equal(signing_sign(room->arena, doc, &room->key, STR("ed25519:0"), STR("id.example"),
                                  &signed_json, &room->err),
                     0);
    struct str line = arena_printf(room->arena,
                                   "%s|m.room.member|%s|{'membership':'invite',"
                                   "'third_party_invite':{'display_name':'x','signed':%.*s}}",
                                   sender, target, STR_ARG(signed_json));
    return test_room_event(room, line.p, 0);
}

static void assert_denied(struct test_room *room, const struct pdu *event, const char *detail)
{
    assert_int_equal(test_room_check(room, event), -1);
    assert_string_equal(room->err.errcode, "M_FORBIDDEN");
    assert_string_equal(room->err.detail, detail);
}

#define KEY  "{'public_key':'%'}"
#define GOOD "{'mxid':'@stranger:a','token':'t'}"

/* 5.4.1.7: no power is needed, the offer was authorised when it was made. */
static void rule_5_4_1_7_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct test_room room;
        init(&room, versions[i], KEY);
        assert_int_equal(test_room_check(&room, invite(&room, "@user:a", "@stranger:a", GOOD)), 0);
        test_room_done(&room);
        init(&room, versions[i],
             "{'public_key':'AAAA','public_keys':[1,{},{'public_key':null},{'public_key':'%'}]}");
        assert_int_equal(test_room_check(&room, invite(&room, "@user:a", "@stranger:a", GOOD)), 0);
        test_room_done(&room);
        /* The key of a test room as URL-safe base64 has it: with a '-'. */
        init(&room, versions[i], "{'public_key':'ovovSjVboukHpTAJ6eN8rd96x-ZqCLoHYx9VMHKz8kw'}");
        assert_int_equal(test_room_check(&room, invite(&room, "@user:a", "@stranger:a", GOOD)), 0);
        test_room_done(&room);
    }
}

static void rules_5_4_1_1_to_6(void **state)
{
    static const struct {
        const char *sender, *target, *signed_text, *denied;
    } cases[] = {
        {"@user:a", "@banned:a", "{'mxid':'@banned:a','token':'t'}", "v12 auth 5.4.1.1"},
        {"@user:a", "@stranger:a", "{'token':'t'}", "v12 auth 5.4.1.3"},
        {"@user:a", "@stranger:a", "{'mxid':'@stranger:a'}", "v12 auth 5.4.1.3"},
        {"@user:a", "@stranger:a", "{'mxid':1,'token':'t'}", "v12 auth 5.4.1.3"},
        {"@user:a", "@other:a", GOOD, "v12 auth 5.4.1.4"},
        {"@user:a", "@stranger:a", "{'mxid':'@stranger:a','token':'u'}", "v12 auth 5.4.1.5"},
        {"@admin:a", "@stranger:a", GOOD, "v12 auth 5.4.1.6"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct test_room room;
        init(&room, versions[i], KEY);
        for (size_t k = 0; k < ARRAY_LEN(cases); k++)
            assert_denied(&room,
                          invite(&room, cases[k].sender, cases[k].target, cases[k].signed_text),
                          cases[k].denied);
        const struct pdu *unsigned_one = test_room_event(
            &room,
            "@admin:a|m.room.member|@stranger:a|{'membership':'invite','third_party_invite':{}}",
            0);
        assert_denied(&room, unsigned_one, "v12 auth 5.4.1.2");
        const struct pdu *null = test_room_event(
            &room,
            "@admin:a|m.room.member|@stranger:a|{'membership':'invite','third_party_invite':null}",
            0);
        assert_denied(&room, null, "v12 auth 5.4.1.2");
        test_room_done(&room);
    }
}

static void rule_5_4_1_8_not_signed(void **state)
{
    static const char *const keys[] = {
        "{}",
        "{'public_key':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'public_key':['%']}",
        "{'public_keys':'%'}",
        "{'public_keys':{'public_key':'%'}}",
        "{'public_keys':['%']}",
        "{'key':'%'}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            struct test_room room;
            init(&room, versions[i], keys[k]);
            assert_denied(&room, invite(&room, "@user:a", "@stranger:a", GOOD), "v12 auth 5.4.1.8");
            test_room_done(&room);
        }
    }
    struct test_room room;
    init(&room, "12", KEY);
    static const char *const signatures[] = {"",
                                             ",'signatures':{}",
                                             ",'signatures':[]",
                                             ",'signatures':{'id.example':1}",
                                             ",'signatures':{'id.example':{'ed25519:0':'AAAA'}}",
                                             ",'signatures':{'id.example':{'rsa:0':'x'}}"};
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        struct str line =
            arena_printf(room.arena,
                         "@user:a|m.room.member|@stranger:a|{'membership':'invite',"
                         "'third_party_invite':{'signed':{'mxid':'@stranger:a','token':'t'%s}}}",
                         signatures[i]);
        assert_denied(&room, test_room_event(&room, line.p, 0), "v12 auth 5.4.1.8");
    }
    test_room_done(&room);
}

/* As many wrong keys as there are tries, then the right one: it is not reached, and that is fast.
 */
static void tries_are_counted(void **state)
{
    struct test_room room;
    struct buf CLEANUP(buf_done) keys;
    (void)state;
    for (int over = 0; over <= 1; over++) {
        buf_init(&keys, KIB(64));
        buf_add(&keys, STR("{'public_keys':["));
        for (int i = 1; i < LIMIT_INVITE_SIGNATURES + over; i++)
            buf_add(&keys, STR("{'public_key':'AAAA'},"));
        buf_add(&keys, STR("{'public_key':'%'}]}\0"));
        init(&room, "12", keys.p);
        const struct pdu *event = invite(&room, "@user:a", "@stranger:a", GOOD);
        assert_int_equal(test_room_check(&room, event), over ? -1 : 0);
        test_room_done(&room);
        buf_done(&keys);
    }
    buf_init(&keys, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_5_4_1_7_signed),
        cmocka_unit_test(rules_5_4_1_1_to_6),
        cmocka_unit_test(rule_5_4_1_8_not_signed),
        cmocka_unit_test(tries_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
