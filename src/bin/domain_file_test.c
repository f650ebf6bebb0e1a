/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/domain_file.h"

#include "base/limits.h"
#include "base/unit.h"

static const char GOOD[] = "# the map\n"
                           "addresses:\n"
                           "  - address: Prefet@ville.example\n"
                           "    server: interieur.example\n"
                           "    organisation: Préfecture\n"
                           "domains:\n"
                           "  - domain: interieur.example\n"
                           "    server: interieur.example\n"
                           "    organisation: Intérieur\n"
                           "  - {domain: '*.interieur.example', server: interieur.example}\n"
                           "  - domain: partner.example\n"
                           "    server: interieur.example\n"
                           "    external: true\n"
                           "default:\n"
                           "  server: externe.example\n"
                           "  external: true\n";

static void a_map_is_read(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct domain_map *map = NULL;
    struct email email;
    struct err err = ERR_INIT;
    (void)state;
    if (domain_file_parse(str_from(GOOD), "map.yaml", &map, &err) < 0)
        fail_msg("%s", err.detail);
    assert_int_equal(domain_map_count(map), 4);
    assert_int_equal(email_parse(arena, STR("prefet@ville.example"), &email, &err), 0);
    assert_str(domain_map_find(map, &email)->organisation, STR("Préfecture"));
    assert_int_equal(email_parse(arena, STR("a@partner.example"), &email, &err), 0);
    assert_true(domain_map_find(map, &email)->external);
    assert_int_equal(email_parse(arena, STR("a@x.interieur.example"), &email, &err), 0);
    assert_false(domain_map_find(map, &email)->external);
    assert_int_equal(email_parse(arena, STR("a@else.where"), &email, &err), 0);
    assert_str(domain_map_find(map, &email)->server, STR("externe.example"));
    domain_map_unref(map);
}

static void nothing_is_an_empty_map(void **state)
{
    struct domain_map *map = NULL;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(domain_file_parse(STR("addresses:\ndomains: []\n"), "m", &map, &err), 0);
    assert_int_equal(domain_map_count(map), 0);
    domain_map_unref(map);
}

static void refused(const char *yaml, const char *line)
{
    struct domain_map *map = NULL;
    struct err err = ERR_INIT;
    if (domain_file_parse(str_from(yaml), "m", &map, &err) == 0)
        fail_msg("accepted: %s", yaml);
    assert_string_equal(err.detail, line);
}

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    refused("domains:\n  - domain: a.b\n", "m:2: server is missing");
    refused("domains:\n  - server: a.b\n", "m:2: domain is missing");
    refused("addresses:\n  - server: a.b\n", "m:2: address is missing");
    refused("default: {external: true}\n", "m:1: server is missing");
    refused("default: a.b\n",
            "m:1: addresses and domains are lists of mappings, default is a mapping");
    refused("domains: {a.b: c.d}\n",
            "m:1: addresses and domains are lists of mappings, default is a mapping");
    refused("domain: []\n",
            "m:1: addresses and domains are lists of mappings, default is a mapping");
    refused("domains:\n  - {domain: a.b, server: c.d, externe: true}\n", "m:2: no such member");
    refused("domains:\n  - {domain: a.b, server: c.d, address: a@b.c}\n", "m:2: no such member");
    refused("domains:\n  - {domain: a.b, server: c.d, external: maybe}\n",
            "m:2: external: true or false is wanted");
    refused("domains:\n  - {domain: a.b, domain: e.f, server: c.d}\n",
            "m:2: a member stands there twice");
    refused("domains:\n  - {domain: a.b, server: c.d}\n  - {domain: A.b, server: c.d}\n",
            "m:3: stands there twice");
    refused("domains:\n  - {domain: '@a.b', server: c.d}\n",
            "m:2: domain: a domain is wanted, or *.domain for what is below it");
    refused("addresses:\n  - {address: a@b@c.d, server: c.d}\n",
            "m:2: address: an e-mail address is wanted");
    refused("domains:\n  - {domain: a.b, server: 'c d'}\n",
            "m:2: server: a Matrix server name is wanted");
    refused("default: {server: a.b}\ndomains: []\ndefault: {server: a.b}\n",
            "m:3: a member stands there twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_read),
        cmocka_unit_test(nothing_is_an_empty_map),
        cmocka_unit_test(mistakes_are_named_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
