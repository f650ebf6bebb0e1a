/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include "base/limits.h"
#include "base/unit.h"
#include "crypto/base64.h"
#include "matrix/test_room.h"

static int setup(void **state)
{
    *state = arena_new(MIB(4));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct json *doc_of(struct arena *arena, const char *text)
{
    const struct json *doc;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, test_room_json(arena, text), &doc, &err), 0);
    return doc;
}

static const struct room_version *version(const char *name)
{
    return room_version_find(str_from(name));
}

/* The seed of the vectors. */
static struct str vector_key(struct arena *arena)
{
    struct ed25519_key key;
    struct str seed;
    assert_int_equal(base64_decode_secret(arena, STR("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"),
                                          BASE64_STANDARD, &seed),
                     0);
    ed25519_key_from_seed(&key, (const unsigned char *)seed.p);
    return arena_str(arena, str_make(key.public_key, sizeof key.public_key));
}

/* Appendices, "Event signing": the two signed events. */
#define VECTOR_1                                                                                   \
    "{'auth_events':[],'content':{},'depth':3,'hashes':{'sha256':"                                 \
    "'5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos'},'origin':'domain',"                            \
    "'origin_server_ts':1000000,'prev_events':[],'room_id':'!x:domain','sender':'@a:domain',"      \
    "'signatures':{'domain':{'ed25519:1':'KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfI" \
    "ReFGZlHi5KLjAWbOoMszkwsQma+lYAg'}},'type':'X','unsigned':{'age_ts':1000000}}"
#define VECTOR_2                                                                                   \
    "{'content':{'body':'Here is the message content'},'event_id':'$0:domain','hashes':{'sha256':" \
    "'onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g'},'origin':'domain','origin_server_ts':1000000," \
    "'type':'m.room.message','room_id':'!r:domain','sender':'@u:domain','signatures':{'domain':{"  \
    "'ed25519:1':'Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEi" \
    "VPdhzBA'}},'unsigned':{'age_ts':1000000}}"

static void signed_events_of_the_specification(void **state)
{
    static const char *const vectors[] = {VECTOR_1, VECTOR_2};
    struct str key = vector_key(*state);
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        const struct json *doc = doc_of(*state, vectors[i]);
        assert_true(pdu_check_hash(doc));
        assert_true(
            pdu_verify_signature(*state, version("5"), doc, STR("domain"), STR("ed25519:1"), key));
        /* From version 11 on `origin` is redacted, so that another text is signed. */
        assert_false(
            pdu_verify_signature(*state, version("11"), doc, STR("domain"), STR("ed25519:1"), key));
    }
}

static void content_hashes_cover_the_content(void **state)
{
    struct str key = vector_key(*state);
    const struct json *doc = doc_of(
        *state, "{'content':{'body':'Another content'},'event_id':'$0:domain','hashes':{'sha256':"
                "'onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/"
                "g'},'origin':'domain','origin_server_ts':1000000,"
                "'type':'m.room.message','room_id':'!r:domain','sender':'@u:domain','signatures':{'"
                "domain':{"
                "'ed25519:1':'Wm+VzmOUOz08Ds+"
                "0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEi"
                "VPdhzBA'}}}");
    /* Hostile input SIG-04: the signature, of the redacted event, is good all the same. */
    assert_false(pdu_check_hash(doc));
    assert_true(
        pdu_verify_signature(*state, version("5"), doc, STR("domain"), STR("ed25519:1"), key));
    static const char *const bad[] = {"{}",
                                      "{'hashes':{}}",
                                      "{'hashes':{'sha256':''}}",
                                      "{'hashes':{'sha256':1}}",
                                      "{'hashes':{'sha256':'%%%%'}}",
                                      "{'hashes':[]}",
                                      "[]"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(pdu_check_hash(doc_of(*state, bad[i])));
}

/* Computed apart, by a few lines of Python, from the text of the specification. */

#define A43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define MINIMAL                                                                                    \
    "{'auth_events':[],'content':{},'depth':3,'hashes':{'sha256':"                                 \
    "'5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos'},'origin':'domain','origin_server_ts':1000000," \
    "'prev_events':[],'room_id':'!x:domain','sender':'@a:domain','type':'X','signatures':{}}"
#define MEMBER                                                                                     \
    "{'auth_events':['$" A43 "'],'content':{'membership':'join','displayname':'\\u00e9',"          \
    "'join_authorised_via_users_server':'@b:domain','third_party_invite':{'signed':{'a':1},"       \
    "'x':2}},'depth':9007199254740991,'hashes':{'sha256':'x'},'origin_server_ts':5,"               \
    "'prev_events':['$" A43 "'],'room_id':'!x:domain','sender':'@a:domain',"                       \
    "'state_key':'@a:domain','type':'m.room.member','signatures':{},'other':'kept out'}"
#define CREATE                                                                                     \
    "{'auth_events':[],'content':{'room_version':'12','x':1},'depth':1,'hashes':{'sha256':'x'},"   \
    "'origin_server_ts':5,'prev_events':[],'sender':'@a:domain','state_key':'',"                   \
    "'type':'m.room.create','signatures':{}}"

static void event_ids_are_reference_hashes(void **state)
{
    static const struct {
        const char *version, *text, *id;
    } vectors[] = {
        {"3", MINIMAL, "$8yif6p8EqgoSten2BLje9ntKm720NyFLWQv9tn8memc"},
        {"10", MINIMAL, "$8yif6p8EqgoSten2BLje9ntKm720NyFLWQv9tn8memc"},
        {"11", MINIMAL, "$70O_oKlXzFbkfu0KE88USi98DjSWrOELrPj-8tisl8I"},
        {"6", MEMBER, "$hyvYzylIHJ6tkiBIRrej6Uybmm9oyp50fdb2sjY2c_4"},
        {"8", MEMBER, "$hyvYzylIHJ6tkiBIRrej6Uybmm9oyp50fdb2sjY2c_4"},
        {"9", MEMBER, "$_5XjnQ4WpKz44XyNhyh3lCxfhQstp4362jdhmVbSmyA"},
        {"11", MEMBER, "$O2Ae6ypqdjLv1ONXo_cs9BjyNojT9FGSrjFKxl07m58"},
        {"12", CREATE, "$58WkuJTpA0Bn8FQpGo0Z9iohEH9lgOJz0-FDoWiCoGQ"},
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct pdu pdu;
        struct err err = ERR_INIT;
        assert_int_equal(pdu_parse(*state, version(vectors[i].version),
                                   test_room_json(*state, vectors[i].text), &pdu, &err),
                         0);
        assert_str(pdu.event_id, str_from(vectors[i].id));
        if (pdu.version->room_id_is_hash)
            assert_str(pdu.room_id, STR("!58WkuJTpA0Bn8FQpGo0Z9iohEH9lgOJz0-FDoWiCoGQ"));
    }
}

static void builds_what_it_accepts(void **state)
{
    static const char *const versions[] = {"3", "6", "10", "11", "12"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct test_room room;
        struct pdu again;
        struct str keys[4], servers[2];
        test_room_init(&room, versions[i], "");
        struct str public_key = str_make(room.key.public_key, sizeof room.key.public_key);
        const struct pdu *event =
            test_room_event(&room, "@user2:b|m.room.message|-|{'b':'\\u00e9','a':[1,null]}", 0);
        assert_true(pdu_check_hash(event->doc));
        assert_int_equal(pdu_signature_keys(event->doc, STR("b"), keys, 4), 1);
        assert_str(keys[0], STR("ed25519:1"));
        assert_int_equal(pdu_signature_keys(event->doc, STR("a"), keys, 4), 0);
        assert_true(pdu_verify_signature(room.arena, room.version, event->doc, STR("b"),
                                         STR("ed25519:1"), public_key));
        /* Hostile input SIG-03: by a server that is not the sender's. */
        assert_int_equal(pdu_required_signers(event, servers), 1);
        assert_str(servers[0], STR("b"));
        assert_false(pdu_verify_signature(room.arena, room.version, event->doc, STR("a"),
                                          STR("ed25519:1"), public_key));
        assert_int_equal(pdu_parse(room.arena, room.version, event->json, &again, &room.err), 0);
        assert_str(again.json, event->json);
        assert_str(again.event_id, event->event_id);
        test_room_done(&room);
    }
}

static void countersigning_changes_no_id(void **state)
{
    struct test_room room;
    struct str servers[2];
    (void)state;
    test_room_init(&room, "12", "");
    const struct pdu *event = test_room_event(&room,
                                              "@far:b|m.room.member|@far:b|{'membership':'join',"
                                              "'join_authorised_via_users_server':'@mod:a'}",
                                              0);
    assert_int_equal(pdu_required_signers(event, servers), 2);
    assert_str(servers[0], STR("b"));
    assert_str(servers[1], STR("a"));
    const struct pdu *both = test_room_countersign(&room, event, "a");
    struct str public_key = str_make(room.key.public_key, sizeof room.key.public_key);
    for (size_t i = 0; i < 2; i++)
        assert_true(pdu_verify_signature(room.arena, room.version, both->doc, servers[i],
                                         STR("ed25519:1"), public_key));
    assert_str(both->event_id, event->event_id);
    /* Who invites through a third party need not have signed. */
    event = test_room_event(&room,
                            "@user2:b|m.room.member|@x:c|{'membership':'invite',"
                            "'third_party_invite':{}}",
                            0);
    assert_int_equal(pdu_required_signers(event, servers), 0);
    test_room_done(&room);
}

/* Hostile input SIG-03: nothing but a true third-party invite takes the sender's signature away. */
static void sig_03_who_must_sign(void **state)
{
    static const struct {
        const char *line;
        size_t n;
    } cases[] = {
        {"@user2:b|m.room.message|-|{'membership':'invite','third_party_invite':{}}", 1},
        {"@user2:b|m.room.member|@x:c|{'membership':'join','third_party_invite':{}}", 1},
        {"@user2:b|m.room.member|@x:c|{'membership':'invite'}", 1},
        {"@user2:b|m.room.member|@x:c|{'membership':'invite','third_party_invite':null}", 0},
        {"@user2:b|m.room.message|-|{'join_authorised_via_users_server':'@mod:a'}", 1},
        {"@user2:b|m.room.member|@user2:b|{'membership':'join',"
         "'join_authorised_via_users_server':'@other:b'}",
         1},
        {"@user2:b|m.room.member|@user2:b|{'membership':'leave',"
         "'join_authorised_via_users_server':'@mod:a'}",
         2},
        {"@user2:b|m.room.member|@user2:b|{'membership':'join',"
         "'join_authorised_via_users_server':1}",
         1},
    };
    static const char *const versions[] = {"7", "12"};
    (void)state;
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        struct test_room room;
        struct str servers[2], keys[1];
        test_room_init(&room, versions[v], "");
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            const struct pdu *event = test_room_event(&room, cases[i].line, 0);
            /* Version 7 knows no authorised joins. */
            size_t n = cases[i].n == 2 && !room.version->restricted ? 1 : cases[i].n;
            assert_int_equal(pdu_required_signers(event, servers), n);
            if (n > 0)
                assert_str(servers[0], STR("b"));
            assert_int_equal(pdu_signature_keys(event->doc, STR("b"), keys, 0), 0);
        }
        test_room_done(&room);
    }
}

static void build_refuses_what_parse_refuses(void **state)
{
    const struct room_version *v = version("11");
    struct ed25519_key key = {{0}, {0}};
    struct err err = ERR_INIT;
    struct pdu pdu;
    static const struct {
        const char *type, *content, *errcode;
    } bad[] = {
        {"t", "[]", "M_BAD_JSON"},
        {"t", "{", "M_NOT_JSON"},
        {"t", "{\"a\":1.5}", "M_BAD_JSON"},
        {"\xff", "{}", "M_NOT_JSON"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct pdu_template fields = {.room_id = STR("!r:s"),
                                      .sender = STR("@a:s"),
                                      .type = str_from(bad[i].type),
                                      .content = str_from(bad[i].content)};
        assert_int_equal(
            pdu_build(*state, v, &fields, &key, STR("ed25519:1"), STR("s"), &pdu, &err), -1);
        assert_string_equal(err.errcode, bad[i].errcode);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signed_events_of_the_specification, setup, teardown),
        cmocka_unit_test_setup_teardown(content_hashes_cover_the_content, setup, teardown),
        cmocka_unit_test_setup_teardown(event_ids_are_reference_hashes, setup, teardown),
        cmocka_unit_test_setup_teardown(builds_what_it_accepts, setup, teardown),
        cmocka_unit_test_setup_teardown(countersigning_changes_no_id, setup, teardown),
        cmocka_unit_test(sig_03_who_must_sign),
        cmocka_unit_test_setup_teardown(build_refuses_what_parse_refuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
