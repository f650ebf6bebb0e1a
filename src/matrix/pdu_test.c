/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"
#include "crypto/base64.h"
#include "matrix/test_room.h"

#define ID43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* An event of good format for version 11, with places to put other values. */
#define TYPE    "'type':'m.room.message',"
#define SENDER  "'sender':'@a:s',"
#define ROOM    "'room_id':'!r:s',"
#define CONTENT "'content':{},"
#define DEPTH   "'depth':1,"
#define TIME    "'origin_server_ts':1,"
#define AUTH    "'auth_events':[],"
#define PREV    "'prev_events':['$" ID43 "'],"
#define HASHES  "'hashes':{'sha256':'x'},"
#define SIGNED  "'signatures':{}"
#define REST    AUTH PREV HASHES SIGNED

static int setup(void **state)
{
    *state = arena_new(MIB(16));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static int parse_as(struct arena *arena, const char *version, const char *text, struct pdu *ret,
                    struct err *err)
{
    *err = ERR_INIT;
    return pdu_parse(arena, room_version_find(str_from(version)), test_room_json(arena, text), ret,
                     err);
}

/* For each version of a few: the same verdict. */
static void assert_refused(struct arena *arena, const char *text, int status, const char *errcode)
{
    static const char *const versions[] = {"3", "6", "10", "11"};
    struct pdu pdu;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        if (parse_as(arena, versions[i], text, &pdu, &err) == 0)
            print_error("accepted in version %s: %.200s\n", versions[i], text);
        assert_int_equal(parse_as(arena, versions[i], text, &pdu, &err), -1);
        assert_int_equal(err.status, status);
        assert_string_equal(err.errcode, errcode);
    }
}

static void assert_accepted(struct arena *arena, const char *text)
{
    struct pdu pdu;
    struct err err;
    if (parse_as(arena, "11", text, &pdu, &err))
        print_error("%s: %.200s\n", err.text, text);
    assert_int_equal(parse_as(arena, "11", text, &pdu, &err), 0);
}

static void reads_every_member(void **state)
{
    struct pdu pdu;
    struct err err;
    assert_int_equal(parse_as(*state, "11",
                              " {" TYPE SENDER ROOM
                              "'state_key':'','content':{'b':1,'a':'\\u00e9'}," DEPTH TIME REST
                              ",'unsigned':{'age':1.5},'origin':'s'} ",
                              &pdu, &err),
                     0);
    assert_str(pdu.type, STR("m.room.message"));
    assert_str(pdu.sender, STR("@a:s"));
    assert_str(pdu.room_id, STR("!r:s"));
    assert_non_null(pdu.state_key.p);
    assert_int_equal(pdu.state_key.n, 0);
    assert_int_equal(pdu.depth, 1);
    assert_int_equal(pdu.origin_server_ts, 1);
    assert_int_equal(pdu.n_auth_events, 0);
    assert_int_equal(pdu.n_prev_events, 1);
    assert_str(pdu.prev_events[0], STR("$" ID43));
    assert_str(json_find_str(pdu.content, STR("a")), STR("\xc3\xa9"));
    assert_true(pdu_is_state(&pdu, STR("m.room.message"), STR("")));
    /* Canonical, without unsigned, and with members that nobody knows. */
    assert_true(
        str_starts(pdu.json, STR("{\"auth_events\":[],\"content\":{\"a\":\"\xc3\xa9\",\"b\":1},")));
    assert_false(str_contains(pdu.json, STR("unsigned")));
    assert_true(str_contains(pdu.json, STR("\"origin\":\"s\"")));
    assert_ptr_equal(pdu.content, json_find(pdu.doc, STR("content")));
}

static void opens_what_it_stored(void **state)
{
    struct pdu pdu, again;
    struct err err;
    const struct room_version *v12 = room_version_find(STR("12"));
    const char *text = "{'type':'m.room.create'," SENDER "'state_key':''," CONTENT DEPTH TIME
                       "'auth_events':[],'prev_events':[]," HASHES SIGNED "}";
    assert_int_equal(parse_as(*state, "12", text, &pdu, &err), 0);
    assert_int_equal(pdu_open(*state, v12, pdu.json, pdu.hash, &again, &err), 0);
    assert_str(again.event_id, pdu.event_id);
    assert_str(again.room_id, pdu.room_id);
    assert_str(again.type, pdu.type);
    assert_int_equal(pdu_open(*state, v12, STR("{}"), pdu.hash, &again, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_INTERNAL);
}

/* Hostile input JSON-03, JSON-04. */
static void json_03_04_numbers(void **state)
{
    static const char *const bad[] = {"1.0",
                                      "1.1",
                                      "-0",
                                      "1e3",
                                      "1e400",
                                      "9007199254740992",
                                      "-9007199254740992",
                                      "9223372036854775808",
                                      "18446744073709551616",
                                      "1E-2"};
    char text[1024];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(text, sizeof text,
                 "{" TYPE SENDER ROOM "'content':{'a':[{'b':%s}]}," DEPTH TIME REST "}", bad[i]);
        assert_refused(*state, text, 400, "M_BAD_JSON");
    }
    snprintf(text, sizeof text, "{" TYPE SENDER ROOM "'content':{'a':%s}," DEPTH TIME REST "}",
             "NaN");
    assert_refused(*state, text, 400, "M_NOT_JSON");
    assert_accepted(*state,
                    "{" TYPE SENDER ROOM
                    "'content':{'a':[9007199254740991,-9007199254740991,0]}," DEPTH TIME REST "}");
}

/* Hostile input JSON-05. */
static void json_05_depth(void **state)
{
    static const char *const bad[] = {"'depth':'1',",
                                      "'depth':null,",
                                      "'depth':-1,",
                                      "",
                                      "'depth':9007199254740992,",
                                      "'depth':9223372036854775807,",
                                      "'depth':1.0,"};
    char text[1024];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(text, sizeof text, "{" TYPE SENDER ROOM CONTENT "%s" TIME REST "}", bad[i]);
        assert_refused(*state, text, 400, "M_BAD_JSON");
    }
    assert_accepted(*state, "{" TYPE SENDER ROOM CONTENT "'depth':9007199254740991," TIME REST "}");
    assert_accepted(*state, "{" TYPE SENDER ROOM CONTENT "'depth':0," TIME REST "}");
}

/* Hostile input JSON-09. */
static void json_09_event_bytes(void **state)
{
    static char text[LIMIT_EVENT_BYTES + 2048];
    struct pdu pdu;
    struct err err;
    const char
        *head = "{'auth_events':[],'content':{'a':'",
        *tail = "'},'depth':1,'hashes':{'sha256':'x'},'origin_server_ts':1,'prev_events':[],"
                "'room_id':'!r:s','sender':'@a:s','signatures':{'s':{'ed25519:1':'x'}},'type':'t'}";
    size_t filling = LIMIT_EVENT_BYTES - strlen(head) - strlen(tail);
    for (size_t extra = 0; extra <= 1; extra++) {
        memcpy(text, head, strlen(head));
        memset(text + strlen(head), 'a', filling + extra);
        memcpy(text + strlen(head) + filling + extra, tail, strlen(tail) + 1);
        int result = parse_as(*state, "11", text, &pdu, &err);
        assert_int_equal(result, extra ? -1 : 0);
        if (!extra)
            assert_int_equal(pdu.json.n, LIMIT_EVENT_BYTES);
    }
    assert_int_equal(err.status, 413);
    assert_string_equal(err.errcode, "M_TOO_LARGE");
    /* What is measured is the canonical form: blanks and unsigned do not count. */
    size_t used = strlen(head) + filling + strlen(tail);
    memcpy(text + strlen(head) + filling, tail, strlen(tail) + 1);
    snprintf(text + used - 1, 64, "  ,'unsigned':{'age':12345}}");
    assert_int_equal(parse_as(*state, "11", text, &pdu, &err), 0);
}

/* n bytes, the last two of which are one letter. */
static struct str letters(struct arena *arena, const char *before, size_t n, const char *after)
{
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, KIB(1));
    buf_add(&out, str_from(before));
    while (out.n + 2 + strlen(after) < n)
        buf_add_byte(&out, 'a');
    buf_add(&out, STR("\xc3\xa9"));
    buf_add(&out, str_from(after));
    assert_int_equal(out.n, n);
    return arena_str(arena, buf_str(&out));
}

/* Hostile input JSON-10: bytes, not letters. */
static void json_10_field_bytes(void **state)
{
    static const struct {
        const char *format, *before, *after;
    } fields[] = {
        {"{'type':'%s'," SENDER ROOM CONTENT DEPTH TIME REST "}", "", ""},
        {"{'state_key':'%s'," TYPE SENDER ROOM CONTENT DEPTH TIME REST "}", "", ""},
        {"{'sender':'%s'," TYPE ROOM CONTENT DEPTH TIME REST "}", "@", ":s"},
        {"{'room_id':'%s'," TYPE SENDER CONTENT DEPTH TIME REST "}", "!", ":s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        for (size_t n = 255; n <= 256; n++) {
            char text[2048];
            struct str value = letters(*state, fields[i].before, n, fields[i].after);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(text, sizeof text, fields[i].format, value.p);
#pragma GCC diagnostic pop
            if (n == 255)
                assert_accepted(*state, text);
            else
                assert_refused(*state, text, 413, "M_TOO_LARGE");
        }
    }
}

/* Hostile input JSON-12, and members that are missing. */
static void json_12_wrong_types(void **state)
{
    static const char *const bad[] = {
        "[]",
        "'x'",
        "{}",
        "{" SENDER ROOM CONTENT DEPTH TIME REST "}",
        "{'type':null," SENDER ROOM CONTENT DEPTH TIME REST "}",
        "{'type':1," SENDER ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE "'sender':['@a:s']," ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE "'sender':'a'," ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE "'sender':'@a'," ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE "'sender':'@a:s:'," ROOM CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER "'room_id':{}," CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER "'room_id':'r'," CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM "'content':[]," DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM "'content':null," DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM "'content':'x'," DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH REST "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH "'origin_server_ts':'1'," REST "}",
        "{" TYPE SENDER ROOM "'state_key':null," CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM "'state_key':1," CONTENT DEPTH TIME REST "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME PREV HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME "'auth_events':{}," PREV HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME "'auth_events':[1]," PREV HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME "'auth_events':['$x:s']," PREV HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME "'auth_events':['$" ID43 "','$" ID43
        "']," PREV HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH "'prev_events':[['$" ID43
        "',{'sha256':'x'}]]," HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH "'prev_events':['$" ID43 "','$" ID43
        "']," HASHES SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV "'hashes':{}," SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV "'hashes':{'sha256':1}," SIGNED "}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV "'hashes':{'sha256':'x'}}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV HASHES "'signatures':[]}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV HASHES "'signatures':{'s':'x'}}",
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH PREV HASHES "'signatures':{'s':{'k':1}}}",
    };
    assert_accepted(*state, "{" TYPE SENDER ROOM CONTENT DEPTH TIME REST "}");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_refused(*state, bad[i], 400, "M_BAD_JSON");
    /* The content is the rules' business: any object is of good format. */
    assert_accepted(
        *state,
        "{'type':'m.room.member','content':{'membership':{}}," SENDER ROOM DEPTH TIME REST "}");
}

/* The reader has made a document of something else. */
static void json_12_documents_that_are_no_object(void **state)
{
    static const char *const texts[] = {"[]", "1", "null"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct json *doc;
        struct pdu pdu;
        struct err err = ERR_INIT;
        assert_int_equal(json_parse(*state, str_from(texts[i]), &doc, &err), 0);
        assert_int_equal(pdu_from_json(*state, room_version_default(), doc, &pdu, &err), -1);
        assert_string_equal(err.errcode, "M_BAD_JSON");
        assert_int_equal(pdu_open(*state, room_version_default(), str_from(texts[i]),
                                  (const unsigned char[SHA256_BYTES]){0}, &pdu, &err),
                         -1);
    }
}

static void counts_of_ids(void **state)
{
    char ids[32 * 48], text[4096];
    static const struct {
        const char *name, *other;
        int max;
    } lists[] = {{"auth_events", "'prev_events':[]", 10}, {"prev_events", "'auth_events':[]", 20}};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (int n = lists[i].max; n <= lists[i].max + 1; n++) {
            size_t at = 0;
            for (int k = 0; k < n; k++)
                at += (size_t)snprintf(ids + at, sizeof ids - at, "%s'$%c%.42s'", k ? "," : "",
                                       'A' + k, ID43);
            snprintf(text, sizeof text,
                     "{" TYPE SENDER ROOM CONTENT DEPTH TIME "'%s':[%s],%s," HASHES SIGNED "}",
                     lists[i].name, ids, lists[i].other);
            if (n == lists[i].max)
                assert_accepted(*state, text);
            else
                assert_refused(*state, text, 400, "M_BAD_JSON");
        }
    }
}

/* Hostile input ID-04; what is known of create events is asked by auth rule 2. */
static void id_04_room_ids_by_version(void **state)
{
    struct pdu pdu;
    struct err err;
    const char *old_form = "{" TYPE SENDER ROOM CONTENT DEPTH TIME REST "}";
    const char *hash_form = "{" TYPE SENDER "'room_id':'!" ID43 "'," CONTENT DEPTH TIME REST "}";
    const char *none = "{" TYPE SENDER CONTENT DEPTH TIME REST "}";
    const char *both = "{" TYPE SENDER "'room_id':'!" ID43 ":s'," CONTENT DEPTH TIME REST "}";
    assert_int_equal(parse_as(*state, "12", hash_form, &pdu, &err), 0);
    assert_int_equal(parse_as(*state, "12", old_form, &pdu, &err), -1);
    assert_int_equal(parse_as(*state, "12", both, &pdu, &err), -1);
    assert_int_equal(parse_as(*state, "12", none, &pdu, &err), -1);
    assert_int_equal(parse_as(*state, "11", old_form, &pdu, &err), 0);
    assert_int_equal(parse_as(*state, "11", both, &pdu, &err), 0);
    assert_int_equal(parse_as(*state, "11", hash_form, &pdu, &err), -1);
}

static void event_ids_have_their_versions_alphabet(void **state)
{
    struct pdu pdu;
    struct err err;
    unsigned char hash[SHA256_BYTES], back[SHA256_BYTES];
    memset(hash, 0xff, sizeof hash);
    const struct room_version *v3 = room_version_find(STR("3")), *v4 = room_version_find(STR("4"));
    struct str old_id = pdu_event_id(*state, v3, hash), new_id = pdu_event_id(*state, v4, hash);
    assert_str(old_id, STR("$//////////////////////////////////////////8"));
    assert_str(new_id, STR("$__________________________________________8"));
    assert_int_equal(pdu_event_hash(v3, old_id, back), 0);
    assert_memory_equal(hash, back, sizeof hash);
    assert_int_equal(pdu_event_hash(v4, new_id, back), 0);
    assert_int_equal(pdu_event_hash(v4, old_id, back), -1);
    assert_int_equal(pdu_event_hash(v3, new_id, back), -1);
    /* Bits that belong to no byte would give one event two names. */
    assert_int_equal(pdu_event_hash(v4, STR("$__________________________________________9"), back),
                     -1);
    const char *text =
        "{" TYPE SENDER ROOM CONTENT DEPTH TIME AUTH
        "'prev_events':['$__________________________________________8']," HASHES SIGNED "}";
    assert_int_equal(parse_as(*state, "4", text, &pdu, &err), 0);
    assert_int_equal(parse_as(*state, "3", text, &pdu, &err), -1);
}

static void redacts_where_the_version_keeps_it(void **state)
{
    struct pdu pdu;
    struct err err;
    const char *text =
        "{'type':'m.room.redaction','content':{'redacts':'$new'},'redacts':'$old'," SENDER ROOM
            DEPTH TIME REST "}";
    assert_int_equal(parse_as(*state, "10", text, &pdu, &err), 0);
    assert_str(pdu.redacts, STR("$old"));
    assert_int_equal(parse_as(*state, "11", text, &pdu, &err), 0);
    assert_str(pdu.redacts, STR("$new"));
    const char *wrong =
        "{'type':'m.room.redaction','redacts':1," CONTENT SENDER ROOM DEPTH TIME REST "}";
    assert_int_equal(parse_as(*state, "10", wrong, &pdu, &err), -1);
    assert_int_equal(parse_as(*state, "11", wrong, &pdu, &err), 0);
    assert_null(pdu.redacts.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_every_member, setup, teardown),
        cmocka_unit_test_setup_teardown(opens_what_it_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(json_03_04_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(json_05_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(json_09_event_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(json_10_field_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(json_12_wrong_types, setup, teardown),
        cmocka_unit_test_setup_teardown(json_12_documents_that_are_no_object, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_of_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(id_04_room_ids_by_version, setup, teardown),
        cmocka_unit_test_setup_teardown(event_ids_have_their_versions_alphabet, setup, teardown),
        cmocka_unit_test_setup_teardown(redacts_where_the_version_keeps_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
