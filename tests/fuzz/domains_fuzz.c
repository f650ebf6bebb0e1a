/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "bin/domain_file.h"
#include "matrix/id.h"

/* A map that was read answers every address with a rule whose server is one, or with none. */
static void check_map(const struct domain_map *map, const char *address)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct email email;
    struct err err = ERR_INIT;
    CHECK(email_parse(arena, str_from(address), &email, &err) == 0);
    const struct domain_rule *rule = domain_map_find(map, &email);
    if (!rule)
        return;
    CHECK(server_name_is_valid(rule->server));
    CHECK(!rule->organisation.p || (rule->organisation.n && str_is_utf8(rule->organisation) &&
                                    rule->organisation.n <= LIMIT_ORGANISATION_BYTES));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct domain_map *map;
    struct err err = ERR_INIT;
    if (domain_file_parse(str_make(data, size), "map", &map, &err) < 0) {
        CHECK(str_starts(str_from(err.detail), STR("map:")));
        return 0;
    }
    check_map(map, "a@b.c");
    check_map(map, "prenom.nom@interieur.example");
    check_map(map, "a@x.y.b.c");
    domain_map_unref(map);
    return 0;
}
