/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/pdu.h"

#include "base/limits.h"
#include "base/unit.h"
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

static struct str redact(struct arena *arena, const struct room_version *version, const char *text)
{
    const struct json *doc;
    struct str ret = STR_NONE;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, test_room_json(arena, text), &doc, &err), 0);
    assert_int_equal(pdu_redact(arena, version, doc, &ret, &err), 0);
    return ret;
}

static void top_level_members(void **state)
{
    const char *text =
        "{'auth_events':[],'content':{'a':1},'depth':1,'event_id':'e','hashes':{},'membership':'m',"
        "'origin':'o','origin_server_ts':1,'prev_events':[],'prev_state':[],'redacts':'r','room_id'"
        ":"
        "'!r:s','sender':'@a:s','signatures':{},'state_key':'','type':'t','unsigned':{'age':1},"
        "'x':1}";
    struct str old_form = test_room_json(
        *state, "{'auth_events':[],'content':{},'depth':1,'event_id':'e','hashes':{},'membership':"
                "'m','origin':'o','origin_server_ts':1,'prev_events':[],'prev_state':[],'room_id':"
                "'!r:s','sender':'@a:s','signatures':{},'state_key':'','type':'t'}");
    struct str new_form = test_room_json(
        *state, "{'auth_events':[],'content':{},'depth':1,'event_id':'e','hashes':{},"
                "'origin_server_ts':1,'prev_events':[],'room_id':'!r:s','sender':'@a:s',"
                "'signatures':{},'state_key':'','type':'t'}");
    size_t n;
    const struct room_version *versions = room_version_list(&n);
    for (size_t i = 0; i < n; i++)
        assert_str(redact(*state, &versions[i], text),
                   versions[i].number >= 11 ? new_form : old_form);
}

struct content_case {
    const char *type, *content;
    int from, to;
    const char *kept;
};

#define LEVELS                                                                                     \
    "{'ban':1,'events':{},'events_default':1,'historical':1,'invite':1,'kick':1,"                  \
    "'notifications':{},'redact':1,'state_default':1,'users':{},'users_default':1}"
#define MEMBER                                                                                     \
    "{'avatar_url':'x','join_authorised_via_users_server':'@a:s','membership':'join',"             \
    "'third_party_invite':{'display_name':'x','signed':{'token':'t'}}}"

static const struct content_case cases[] = {
    {"m.room.message", "{'body':'x','membership':'join'}", 3, 12, "{}"},
    {"m.room.member", MEMBER, 3, 8, "{'membership':'join'}"},
    {"m.room.member", MEMBER, 9, 10,
     "{'join_authorised_via_users_server':'@a:s','membership':'join'}"},
    {"m.room.member", MEMBER, 11, 12,
     "{'join_authorised_via_users_server':'@a:s','membership':'join',"
     "'third_party_invite':{'signed':{'token':'t'}}}"},
    {"m.room.member", "{'membership':'join','third_party_invite':{'x':1}}", 11, 12,
     "{'membership':'join','third_party_invite':{}}"},
    {"m.room.member", "{'membership':'join','third_party_invite':null}", 11, 12,
     "{'membership':'join'}"},
    {"m.room.create", "{'creator':'@a:s','m.federate':false}", 3, 10, "{'creator':'@a:s'}"},
    {"m.room.create", "{'creator':'@a:s','m.federate':false}", 11, 12,
     "{'creator':'@a:s','m.federate':false}"},
    {"m.room.join_rules", "{'allow':[],'join_rule':'public','x':1}", 3, 7,
     "{'join_rule':'public'}"},
    {"m.room.join_rules", "{'allow':[],'join_rule':'public','x':1}", 8, 12,
     "{'allow':[],'join_rule':'public'}"},
    {"m.room.power_levels", LEVELS, 3, 10,
     "{'ban':1,'events':{},'events_default':1,'kick':1,'redact':1,'state_default':1,'users':{},"
     "'users_default':1}"},
    {"m.room.power_levels", LEVELS, 11, 12,
     "{'ban':1,'events':{},'events_default':1,'invite':1,'kick':1,'redact':1,'state_default':1,"
     "'users':{},'users_default':1}"},
    {"m.room.history_visibility", "{'history_visibility':'joined','x':1}", 3, 12,
     "{'history_visibility':'joined'}"},
    {"m.room.aliases", "{'aliases':[],'x':1}", 3, 5, "{'aliases':[]}"},
    {"m.room.aliases", "{'aliases':[],'x':1}", 6, 12, "{}"},
    {"m.room.redaction", "{'reason':'x','redacts':'$e'}", 3, 10, "{}"},
    {"m.room.redaction", "{'reason':'x','redacts':'$e'}", 11, 12, "{'redacts':'$e'}"},
    {"m.room.member", "[]", 3, 12, "{}"},
};

static void contents(void **state)
{
    size_t n;
    const struct room_version *versions = room_version_list(&n);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str text =
            arena_printf(*state, "{'content':%s,'type':'%s'}", cases[i].content, cases[i].type);
        struct str kept =
            arena_printf(*state, "{'content':%s,'type':'%s'}", cases[i].kept, cases[i].type);
        for (size_t v = 0; v < n; v++)
            if (versions[v].number >= cases[i].from && versions[v].number <= cases[i].to)
                assert_str(redact(*state, &versions[v], text.p), test_room_json(*state, kept.p));
    }
}

/* A second redaction changes nothing, and none changes the event's id. */
static void redacting_is_idempotent(void **state)
{
    (void)state;
    static const char *const versions[] = {"3", "6", "9", "11", "12"};
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct test_room room;
        struct pdu redacted;
        struct str once, twice;
        test_room_init(&room, versions[i], "");
        for (size_t k = 0; k < room.n; k++) {
            const struct pdu *event = room.state[k];
            assert_int_equal(pdu_redact(room.arena, room.version, event->doc, &once, &room.err), 0);
            assert_int_equal(pdu_parse(room.arena, room.version, once, &redacted, &room.err), 0);
            assert_int_equal(pdu_redact(room.arena, room.version, redacted.doc, &twice, &room.err),
                             0);
            assert_str(once, twice);
            assert_str(redacted.event_id, event->event_id);
        }
        test_room_done(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(top_level_members, setup, teardown),
        cmocka_unit_test_setup_teardown(contents, setup, teardown),
        cmocka_unit_test(redacting_is_idempotent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
