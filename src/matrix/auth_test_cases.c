/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth_test_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit.h"

#define CASES_MAX 256

/* A number of version 12, as version n writes it. Version 12 put a rule 2 before, and a 10.4 in the
 * middle; 10 had added the first two checks of power levels; 8 had added 5.2 and 5.3.5; 7, knocks.
 */
static void number_in(int version, const char *rule, char out[24])
{
    int part[4] = {0}, n = 0;
    for (const char *p = rule; *p && n < 4; p++) {
        part[n++] = (int)strtol(p, (char **)(uintptr_t)&p, 10);
        if (!*p)
            break;
    }
    if (version < 12 && part[0] == 10)
        part[1] -= (part[1] > 4) + (version < 10 ? 2 : 0);
    if (version < 8 && part[0] == 5 && n > 1) {
        part[2] -= part[1] == 3 && part[2] > 5;
        part[1] -= (part[1] > 2) + (version < 7 && part[1] > 7);
    }
    if (version < 12 && part[0] > 2)
        part[0]--;
    size_t at = 0;
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, 24 - at, i ? ".%d" : "%d", part[i]);
}

struct context {
    const char *version;
    const struct auth_case *row; /* NULL for the tests written out below */
};

static void check_denied(const struct test_room *room, int result, const char *denied,
                         const char *own)
{
    char expected[40];
    if (!denied) {
        if (result)
            print_error("denied by %s: %s\n", room->err.detail, room->err.text);
        assert_int_equal(result, 0);
        return;
    }
    const char *version = denied[0] == 'v' ? "" : "v12 auth ";
    snprintf(expected, sizeof expected, "%s%s", version, denied[0] == '=' ? own : denied);
    assert_int_equal(result, -1);
    assert_int_equal(room->err.status, 403);
    assert_string_equal(room->err.errcode, "M_FORBIDDEN");
    assert_string_equal(room->err.detail, expected);
}

static void run_row(void **state)
{
    const struct context *context = *state;
    const struct auth_case *row = context->row;
    struct test_room room;
    test_room_init(&room, context->version, "");
    if (row->state)
        test_room_add(&room, row->state);
    const struct pdu *event = test_room_event(&room, row->event, row->flags);
    if (row->flags & AUTH_CASE_SIGNED_A)
        event = test_room_countersign(&room, event, "a");
    if (row->flags & AUTH_CASE_NO_POWER)
        test_room_remove(&room, "m.room.power_levels", "");
    check_denied(&room, test_room_check(&room, event), row->denied, row->rule);
    test_room_done(&room);
}

/* Rule 1. */

static void assert_denied(struct test_room *room, const struct pdu *event, const char *detail)
{
    assert_int_equal(test_room_check(room, event), -1);
    assert_string_equal(room->err.errcode, "M_FORBIDDEN");
    assert_string_equal(room->err.detail, detail);
}

static const struct pdu *create(struct test_room *room, const char *content)
{
    struct str line = arena_printf(room->arena, "@creator:a|m.room.create||%s", content);
    return test_room_event(room, line.p, TEST_ROOM_START);
}

#define WITH_CREATOR(more) "{'creator':'@creator:a'" more "}"

/* Hostile input STA-13, with the next two. */
static void rule_1_1_create_is_first(void **state)
{
    struct test_room room;
    test_room_init(&room, ((struct context *)*state)->version, "");
    assert_int_equal(test_room_check(&room, create(&room, WITH_CREATOR())), 0);
    assert_denied(&room,
                  test_room_event(&room, "@creator:a|m.room.create||{'creator':'@creator:a'}", 0),
                  "v12 auth 1.1");
    test_room_done(&room);
}

static void rule_1_2_create_and_room_id(void **state)
{
    struct test_room room;
    test_room_init(&room, ((struct context *)*state)->version, "");
    const struct pdu *event = create(&room, WITH_CREATOR());
    if (room.version->room_id_is_hash)
        assert_denied(&room, test_room_alter(&room, event, "room_id", "'!room:a'"), "v12 auth 1.2");
    else
        assert_denied(&room, test_room_alter(&room, event, "room_id", "'!room:b'"), "v11 auth 1.2");
    test_room_done(&room);
}

static void rule_1_3_room_version(void **state)
{
    struct test_room room;
    test_room_init(&room, ((struct context *)*state)->version, "");
    static const char *const bad[] = {
        WITH_CREATOR(",'room_version':'org.example.unknown'"), WITH_CREATOR(",'room_version':''"),
        WITH_CREATOR(",'room_version':12"), WITH_CREATOR(",'room_version':null")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_denied(&room, create(&room, bad[i]), "v12 auth 1.3");
    assert_int_equal(test_room_check(&room, create(&room, WITH_CREATOR(",'room_version':'9'"))), 0);
    test_room_done(&room);
}

static void rule_1_4_creators(void **state)
{
    struct test_room room;
    test_room_init(&room, ((struct context *)*state)->version, "");
    if (!room.version->creator_is_sender)
        assert_denied(&room, create(&room, "{}"), "v10 auth 1.4");
    else
        assert_int_equal(test_room_check(&room, create(&room, "{}")), 0);
    static const char *const bad[] = {"{'creator':'@a:a','additional_creators':null}",
                                      "{'creator':'@a:a','additional_creators':'@b:a'}",
                                      "{'creator':'@a:a','additional_creators':{'@b:a':1}}",
                                      "{'creator':'@a:a','additional_creators':['@b:a',1]}",
                                      "{'creator':'@a:a','additional_creators':['bob']}",
                                      "{'creator':'@a:a','additional_creators':['@b:a','@c']}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (room.version->privileged_creators)
            assert_denied(&room, create(&room, bad[i]), "v12 auth 1.4");
        else
            assert_int_equal(test_room_check(&room, create(&room, bad[i])), 0);
    }
    const char *good = "{'creator':'@a:a','additional_creators':['@b:a','@C d:e']}";
    assert_int_equal(test_room_check(&room, create(&room, good)), 0);
    test_room_done(&room);
}

/* v12 auth 2; in the older versions the same answer, for no event can be checked without it. */
static void rule_2_the_create_event_is_known(void **state)
{
    struct test_room room, other;
    const char *version = ((struct context *)*state)->version;
    test_room_init(&room, version, "");
    test_room_init(&other, version, "'m.federate':true,");
    const struct pdu *event = test_room_event(&room, "@user:a|m.room.message|-|{}", 0);
    assert_int_equal(test_room_check(&room, event), 0);
    test_room_remove(&room, "m.room.create", "");
    assert_denied(&room, event, "v12 auth 2");
    if (room.version->room_id_is_hash)
        assert_denied(&other, event, "v12 auth 2");
    test_room_done(&other);
    test_room_done(&room);
}

/* Hostile input STA-15. */
static void rule_4_sta_15_not_federated(void **state)
{
    struct test_room room;
    const char *version = ((struct context *)*state)->version;
    static const char *const join = "@far:b|m.room.member|@far:b|{'membership':'join'}";
    test_room_init(&room, version, "'m.federate':false,");
    assert_denied(&room, test_room_event(&room, join, 0), "v12 auth 4");
    assert_denied(&room, test_room_event(&room, "@user2:b|m.room.message|-|{}", 0), "v12 auth 4");
    assert_int_equal(
        test_room_check(&room, test_room_event(&room, "@user:a|m.room.message|-|{}", 0)), 0);
    test_room_done(&room);
    test_room_init(&room, version, "'m.federate':true,");
    assert_int_equal(test_room_check(&room, test_room_event(&room, join, 0)), 0);
    test_room_done(&room);
}

/* Rule 3, hostile input STA-03. */

struct citation {
    struct test_room room;
    const struct pdu *cited[4];
    size_t n; /* create before version 12, power levels, member */
};

static void citation_init(struct citation *c, const char *version)
{
    c->n = 0;
    test_room_init(&c->room, version, "");
    if (!c->room.version->room_id_is_hash)
        c->cited[c->n++] = c->room.create;
    c->cited[c->n++] = test_room_state(&c->room, "m.room.power_levels", "");
    c->cited[c->n++] = test_room_state(&c->room, "m.room.member", "@user:a");
}

static int check_citation(struct citation *c, const bool *rejected)
{
    struct auth_cited cited[4];
    const struct pdu *event = test_room_event(&c->room, "@user:a|m.room.message|-|{}", 0);
    event = test_room_cite(&c->room, event, c->cited, c->n);
    for (size_t i = 0; i < c->n; i++)
        cited[i] = (struct auth_cited){c->cited[i], rejected && rejected[i]};
    c->room.err = ERR_INIT;
    return auth_check_cited(event, cited, &c->room.err);
}

static void assert_citation_denied(struct citation *c, const bool *rejected, const char *detail)
{
    assert_int_equal(check_citation(c, rejected), -1);
    assert_string_equal(c->room.err.errcode, "M_FORBIDDEN");
    assert_string_equal(c->room.err.detail, detail);
}

static void rule_3_1_sta_03_no_state_twice(void **state)
{
    struct citation c;
    citation_init(&c, ((struct context *)*state)->version);
    assert_int_equal(check_citation(&c, NULL), 0);
    test_room_add(&c.room, "@creator:a|m.room.power_levels||~kick=51");
    c.cited[c.n++] = test_room_state(&c.room, "m.room.power_levels", "");
    assert_citation_denied(&c, NULL, "v12 auth 3.1");
    test_room_done(&c.room);
}

static void rule_3_2_sta_03_only_what_is_selected(void **state)
{
    struct citation c;
    citation_init(&c, ((struct context *)*state)->version);
    c.cited[c.n++] = test_room_state(&c.room, "m.room.join_rules", "");
    assert_citation_denied(&c, NULL, "v12 auth 3.2");
    c.cited[c.n - 1] = test_room_state(&c.room, "m.room.member", "@admin:a");
    assert_citation_denied(&c, NULL, "v12 auth 3.2");
    c.cited[c.n - 1] = test_room_event(&c.room, "@user:a|m.room.message|-|{}", 0);
    assert_citation_denied(&c, NULL, "v12 auth 3.2");
    c.n--;
    assert_int_equal(check_citation(&c, NULL), 0);
    if (c.room.version->room_id_is_hash) {
        c.cited[c.n++] = c.room.create;
        assert_citation_denied(&c, NULL, "v12 auth 3.2");
    }
    test_room_done(&c.room);
}

static void rule_3_3_sta_03_nothing_rejected(void **state)
{
    struct citation c;
    bool rejected[4] = {false};
    citation_init(&c, ((struct context *)*state)->version);
    assert_int_equal(check_citation(&c, rejected), 0);
    rejected[c.n - 1] = true;
    assert_citation_denied(&c, rejected, "v12 auth 3.3");
    test_room_done(&c.room);
}

static void rule_3_4_sta_03_of_this_room(void **state)
{
    struct citation c;
    citation_init(&c, ((struct context *)*state)->version);
    const char *other = c.room.version->room_id_is_hash
                            ? "'!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"
                            : "'!other:a'";
    c.cited[c.n - 1] = test_room_alter(&c.room, c.cited[c.n - 1], "room_id", other);
    assert_citation_denied(&c, NULL, "v12 auth 3.4");
    test_room_done(&c.room);
}

static void rule_2_4_sta_03_create_is_cited_before_version_12(void **state)
{
    struct citation c;
    citation_init(&c, ((struct context *)*state)->version);
    if (!c.room.version->room_id_is_hash) {
        c.cited[0] = c.cited[--c.n];
        assert_citation_denied(&c, NULL, "v11 auth 2.4");
    }
    test_room_done(&c.room);
}

/* Hostile input STA-05: an event that cites no power levels passes by what it cites, and falls by
 * the state before it. So a receiver asks both. */
static void sta_05_no_power_levels_cited(void **state)
{
    struct citation c;
    citation_init(&c, ((struct context *)*state)->version);
    const struct pdu *event = test_room_event(&c.room, "@user:a|t.fifty|-|{}", 0);
    const struct pdu *cited[] = {c.room.create,
                                 test_room_state(&c.room, "m.room.member", "@user:a")};
    const struct auth_list list = {cited, ARRAY_LEN(cited)};
    const struct auth_input input = {c.room.version, event, auth_state_of_list(&list), false};
    assert_int_equal(auth_check(&input, &c.room.err), 0);
    assert_denied(&c.room, event, "v12 auth 8");
    test_room_done(&c.room);
}

/* v12 auth 10.4, and the power of additional creators. */
static void rule_10_4_sta_04_additional_creators(void **state)
{
    struct test_room room;
    test_room_init(&room, ((struct context *)*state)->version, "'additional_creators':['@mod:a'],");
    bool v12 = room.version->privileged_creators;
    const struct pdu *own =
        test_room_event(&room, "@creator:a|m.room.power_levels||~users/@mod:a=51", 0);
    const struct pdu *top = test_room_event(&room, "@mod:a|t.hundred|-|{}", 0);
    const struct pdu *kick =
        test_room_event(&room, "@admin:a|m.room.member|@mod:a|{'membership':'leave'}", 0);
    if (v12) {
        assert_denied(&room, own, "v12 auth 10.4");
        assert_int_equal(test_room_check(&room, top), 0);
        assert_denied(&room, kick, "v12 auth 5.5.5");
    } else {
        assert_int_equal(test_room_check(&room, own), 0);
        assert_denied(&room, top, "v12 auth 8");
        assert_int_equal(test_room_check(&room, kick), 0);
    }
    test_room_done(&room);
}

static const struct CMUnitTest written_out[] = {
    {.name = "1.1 create is first (STA-13)", .test_func = rule_1_1_create_is_first},
    {.name = "1.2 create and room id (STA-13)", .test_func = rule_1_2_create_and_room_id},
    {.name = "1.3 room version", .test_func = rule_1_3_room_version},
    {.name = "1.4 creators (STA-13)", .test_func = rule_1_4_creators},
    {.name = "(12: 2) the create event is known", .test_func = rule_2_the_create_event_is_known},
    {.name = "(12: 3.1) no state twice (STA-03)", .test_func = rule_3_1_sta_03_no_state_twice},
    {.name = "(12: 3.2) only what is selected (STA-03)",
     .test_func = rule_3_2_sta_03_only_what_is_selected},
    {.name = "(12: 3.3) nothing rejected (STA-03)", .test_func = rule_3_3_sta_03_nothing_rejected},
    {.name = "(12: 3.4) of this room (STA-03)", .test_func = rule_3_4_sta_03_of_this_room},
    {.name = "(11: 2.4) create is cited (STA-03)",
     .test_func = rule_2_4_sta_03_create_is_cited_before_version_12},
    {.name = "(12: 4) not federated (STA-15)", .test_func = rule_4_sta_15_not_federated},
    {.name = "(12: 8) no power levels cited (STA-05)", .test_func = sta_05_no_power_levels_cited},
    {.name = "(12: 10.4) additional creators (STA-04)",
     .test_func = rule_10_4_sta_04_additional_creators},
};

static size_t add_rows(const char *version, const struct auth_case *rows, size_t n_rows,
                       struct CMUnitTest *tests, struct context *contexts, char (*names)[128],
                       size_t n)
{
    int number = room_version_find(str_from(version))->number;
    for (size_t i = 0; i < n_rows; i++) {
        char rule[24];
        if ((rows[i].from && number < rows[i].from) || (rows[i].to && number > rows[i].to))
            continue;
        assert_true(n < CASES_MAX);
        number_in(number, rows[i].rule, rule);
        snprintf(names[n], sizeof names[n], "%s (12: %s) %s: %s", rule, rows[i].rule, rows[i].what,
                 rows[i].denied ? "denied" : "allowed");
        contexts[n] = (struct context){version, &rows[i]};
        tests[n] = (struct CMUnitTest){.name = names[n], .test_func = run_row};
        n++;
    }
    return n;
}

int auth_cases_run(const char *version)
{
    struct CMUnitTest tests[CASES_MAX] = {0};
    struct context contexts[CASES_MAX];
    char names[CASES_MAX][128], group[32];
    size_t n = ARRAY_LEN(written_out);
    for (size_t i = 0; i < n; i++) {
        tests[i] = written_out[i];
        contexts[i] = (struct context){version, NULL};
    }
    n = add_rows(version, auth_cases_member, auth_cases_member_n, tests, contexts, names, n);
    n = add_rows(version, auth_cases_other, auth_cases_other_n, tests, contexts, names, n);
    for (size_t i = 0; i < n; i++)
        tests[i].initial_state = &contexts[i];
    snprintf(group, sizeof group, "auth rules of version %s", version);
    return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}
