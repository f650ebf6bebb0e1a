/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/domain_map.h"

#include "base/limits.h"
#include "base/unit.h"

static struct domain_rule rule_of(const char *server)
{
    return (struct domain_rule){str_from(server), STR_NONE, false};
}

static struct domain_map *gouv(void)
{
    struct domain_map *map = domain_map_new();
    struct err err = ERR_INIT;
    struct domain_rule gouv = rule_of("gouv.server"), below = rule_of("below.server"),
                       deep = rule_of("deep.server"), one = rule_of("one.server"),
                       other = {STR("externe.server"), STR_NONE, true};
    assert_int_equal(domain_map_add_domain(map, STR("gouv.example"), &gouv, &err), 0);
    assert_int_equal(domain_map_add_domain(map, STR("*.ac.example"), &below, &err), 0);
    assert_int_equal(domain_map_add_domain(map, STR("*.paris.ac.example"), &deep, &err), 0);
    assert_int_equal(domain_map_add_address(map, STR("Chef@Gouv.example"), &one, &err), 0);
    assert_int_equal(domain_map_set_default(map, &other, &err), 0);
    return map;
}

static void goes_to(struct domain_map *map, const char *address, const char *server)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email email;
    struct err err = ERR_INIT;
    assert_int_equal(email_parse(arena, str_from(address), &email, &err), 0);
    const struct domain_rule *rule = domain_map_find(map, &email);
    assert_non_null(rule);
    assert_str(rule->server, str_from(server));
}

/* ACC-03 */
static void domains_match_label_by_label(void **state)
{
    struct domain_map *map = gouv();
    (void)state;
    goes_to(map, "a@gouv.example", "gouv.server");
    goes_to(map, "a@GOUV.Example", "gouv.server");
    goes_to(map, "a@evilgouv.example", "externe.server");
    goes_to(map, "a@gouv.example.evil.org", "externe.server");
    goes_to(map, "a@sub.gouv.example", "externe.server");
    goes_to(map, "a@gouv-example.org", "externe.server");
    goes_to(map, "a@ac.example", "externe.server");
    goes_to(map, "a@lyon.ac.example", "below.server");
    goes_to(map, "a@x.y.lyon.ac.example", "below.server");
    goes_to(map, "a@paris.ac.example", "below.server");
    goes_to(map, "a@x.paris.ac.example", "deep.server");
    goes_to(map, "a@xparis.ac.example", "below.server");
    goes_to(map, "a@ac.example.evil.org", "externe.server");
    domain_map_unref(map);
}

static void addresses_come_first(void **state)
{
    struct domain_map *map = gouv();
    (void)state;
    goes_to(map, "chef@gouv.example", "one.server");
    goes_to(map, "CHEF@gouv.example", "one.server");
    goes_to(map, "xchef@gouv.example", "gouv.server");
    assert_int_equal(domain_map_count(map), 4);
    domain_map_unref(map);
}

static void without_a_default_an_address_belongs_nowhere(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct domain_map *map = domain_map_new();
    struct email email;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(email_parse(arena, STR("a@b.c"), &email, &err), 0);
    assert_null(domain_map_find(map, &email));
    domain_map_unref(map);
}

static void wrong_rules_are_refused(void **state)
{
    struct domain_map *map = gouv();
    struct err err = ERR_INIT;
    struct domain_rule good = rule_of("x.server"), bad = rule_of("not a server"),
                       nameless = {STR("x.server"), STR(""), false},
                       lines = {STR("x.server"), STR("a\nb"), false};
    static const struct str domains[] = {
        STR_INIT(""),    STR_INIT("*"),       STR_INIT("*."),   STR_INIT("gouv"),
        STR_INIT("a@b"), STR_INIT("a..b"),    STR_INIT(".a.b"), STR_INIT("a.b."),
        STR_INIT("a b"), STR_INIT("*.*.a.b"), STR_INIT("a*.b"), STR_INIT("1.2.3.4"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(domains); i++)
        if (domain_map_add_domain(map, domains[i], &good, &err) == 0)
            fail_msg("accepted: %.*s", STR_ARG(domains[i]));
    assert_int_equal(domain_map_add_domain(map, STR("gouv.EXAMPLE"), &good, &err), -1);
    assert_string_equal(err.detail, "stands there twice");
    assert_int_equal(domain_map_add_address(map, STR("chef@gouv.example"), &good, &err), -1);
    assert_int_equal(domain_map_add_address(map, STR("a@b@c.d"), &good, &err), -1);
    assert_int_equal(domain_map_add_domain(map, STR("new.example"), &bad, &err), -1);
    assert_int_equal(domain_map_add_domain(map, STR("new.example"), &nameless, &err), -1);
    assert_int_equal(domain_map_add_domain(map, STR("new.example"), &lines, &err), -1);
    domain_map_unref(map);
}

static void the_demonstration_has_three_ministries(void **state)
{
    struct domain_map *map = domain_map_new_demonstration(STR("localhost:8008"));
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email email;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(email_parse(arena, STR("a@culture.example"), &email, &err), 0);
    assert_false(domain_map_find(map, &email)->external);
    assert_str(domain_map_find(map, &email)->organisation, STR("Culture"));
    assert_int_equal(email_parse(arena, STR("a@sub.culture.example"), &email, &err), 0);
    assert_true(domain_map_find(map, &email)->external);
    assert_str(domain_map_find(map, &email)->server, STR("localhost:8008"));
    domain_map_unref(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_match_label_by_label),
        cmocka_unit_test(addresses_come_first),
        cmocka_unit_test(without_a_default_an_address_belongs_nowhere),
        cmocka_unit_test(wrong_rules_are_refused),
        cmocka_unit_test(the_demonstration_has_three_ministries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
