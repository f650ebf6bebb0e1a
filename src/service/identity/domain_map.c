/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/domain_map.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "matrix/id.h"

struct domain_map {
    int refs; /* atomic */
    struct arena *arena;
    struct str_map addresses, domains;
    struct str_map below; /* of "*.x.example", by "x.example" */
    const struct domain_rule *otherwise;
};

struct domain_map *domain_map_new(void)
{
    struct domain_map *map = MEM_NEW(struct domain_map);
    map->refs = 1;
    map->arena = arena_new(MIB(64));
    return map;
}

struct domain_map *domain_map_ref(struct domain_map *map)
{
    __atomic_add_fetch(&map->refs, 1, __ATOMIC_RELAXED);
    return map;
}

void domain_map_unref(struct domain_map *map)
{
    if (!map || __atomic_sub_fetch(&map->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    str_map_done(&map->addresses);
    str_map_done(&map->domains);
    str_map_done(&map->below);
    arena_free(map->arena);
    mem_free(map);
}

/* ---- building ---- */

static bool is_line(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return str_is_utf8(text);
}

/* NULL: err tells. */
static struct domain_rule *copy_rule(struct domain_map *map, const struct domain_rule *rule,
                                     struct err *err)
{
    struct domain_rule *copy = ARENA_NEW(map->arena, struct domain_rule);
    const char *wrong = NULL;
    if (!server_name_is_valid(rule->server))
        wrong = "server: a Matrix server name is wanted";
    else if (rule->organisation.p && (rule->organisation.n == 0 || !is_line(rule->organisation) ||
                                      rule->organisation.n > LIMIT_ORGANISATION_BYTES))
        wrong = "organisation: one line of at most 100 bytes is wanted";
    if (wrong) {
        (void)err_internal(err, "%s", wrong);
        return NULL;
    }
    copy->server = arena_str(map->arena, rule->server);
    if (rule->organisation.p)
        copy->organisation = arena_str(map->arena, rule->organisation);
    copy->external = rule->external;
    return copy;
}

static int add(struct domain_map *map, struct str_map *to, struct str key,
               const struct domain_rule *rule, struct err *err)
{
    struct domain_rule *copy = copy_rule(map, rule, err);
    if (!copy)
        return -1;
    if (str_map_find(to, key))
        return err_internal(err, "stands there twice");
    str_map_put(to, key, copy);
    return 0;
}

int domain_map_add_address(struct domain_map *map, struct str address,
                           const struct domain_rule *rule, struct err *err)
{
    struct email email;
    struct err ignored = ERR_INIT;
    if (email_parse(map->arena, address, &email, &ignored) < 0)
        return err_internal(err, "address: an e-mail address is wanted");
    return add(map, &map->addresses, email.full, rule, err);
}

/* A domain is what may stand after an address's "@"; the same parser says so. */
int domain_map_add_domain(struct domain_map *map, struct str domain, const struct domain_rule *rule,
                          struct err *err)
{
    bool below = str_starts(domain, STR("*."));
    struct str name = below ? str_skip(domain, 2) : domain;
    struct email email;
    struct err ignored = ERR_INIT;
    struct str example = arena_printf(map->arena, "x@%s%.*s", below ? "x." : "",
                                      STR_ARG(str_first(name, EMAIL_MAX)));
    if (name.n > EMAIL_MAX || email_parse(map->arena, example, &email, &ignored) < 0)
        return err_internal(err, "domain: a domain is wanted, or *.domain for what is below it");
    name = below ? str_skip(email.domain, 2) : email.domain;
    return add(map, below ? &map->below : &map->domains, name, rule, err);
}

int domain_map_set_default(struct domain_map *map, const struct domain_rule *rule, struct err *err)
{
    const struct domain_rule *copy = copy_rule(map, rule, err);
    if (!copy)
        return -1;
    map->otherwise = copy;
    return 0;
}

struct domain_map *domain_map_new_demonstration(struct str server)
{
    static const struct {
        struct str domain, organisation;
    } ministries[] = {
        {STR_INIT("interieur.example"), STR_INIT("Intérieur")},
        {STR_INIT("culture.example"), STR_INIT("Culture")},
        {STR_INIT("education.example"), STR_INIT("Éducation nationale")},
    };
    struct domain_map *map = domain_map_new();
    struct domain_rule *rule;
    for (size_t i = 0; i < ARRAY_LEN(ministries); i++) {
        rule = ARENA_NEW(map->arena, struct domain_rule);
        *rule =
            (struct domain_rule){arena_str(map->arena, server), ministries[i].organisation, false};
        str_map_put(&map->domains, ministries[i].domain, rule);
    }
    rule = ARENA_NEW(map->arena, struct domain_rule);
    *rule = (struct domain_rule){arena_str(map->arena, server), STR_NONE, true};
    map->otherwise = rule;
    return map;
}

/* ---- using ---- */

const struct domain_rule *domain_map_find(const struct domain_map *map, const struct email *email)
{
    const struct domain_rule *rule = str_map_find(&map->addresses, email->full);
    struct str label, rest = email->domain;
    if (!rule)
        rule = str_map_find(&map->domains, email->domain);
    while (!rule && str_cut(rest, '.', &label, &rest))
        rule = str_map_find(&map->below, rest);
    return rule ? rule : map->otherwise;
}

size_t domain_map_count(const struct domain_map *map)
{
    return map->addresses.n + map->domains.n + map->below.n;
}
