/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/domain_file.h"

#include "base/file.h"
#include "base/limits.h"
#include "bin/settings.h"
#include "service/identity/identity.h"

enum { SECTION_ADDRESS, SECTION_DOMAIN, SECTION_DEFAULT };

/* One entry while its members are read. */
struct entry {
    struct str path; /* "domains.3"; STR_NONE: none is open */
    struct str where;
    int section;
    struct str subject; /* the address or the domain */
    struct domain_rule rule;
    bool external_given;
};

struct reading {
    struct domain_map *map;
    struct entry entry;
    bool default_given;
    struct err *err;
};

static int refuse(struct reading *r, struct str where, const char *why)
{
    return err_internal(r->err, "%.*s: %s", STR_ARG(where), why);
}

/* ---- entries ---- */

static int add_entry(struct reading *r, const struct entry *entry, struct err *why)
{
    switch (entry->section) {
    case SECTION_ADDRESS:
        return domain_map_add_address(r->map, entry->subject, &entry->rule, why);
    case SECTION_DOMAIN:
        return domain_map_add_domain(r->map, entry->subject, &entry->rule, why);
    default:
        return domain_map_set_default(r->map, &entry->rule, why);
    }
}

static int close_entry(struct reading *r)
{
    const struct entry *entry = &r->entry;
    struct err why = ERR_INIT;
    if (!entry->path.p)
        return 0;
    if (entry->section == SECTION_ADDRESS && !entry->subject.p)
        return refuse(r, entry->where, "address is missing");
    if (entry->section == SECTION_DOMAIN && !entry->subject.p)
        return refuse(r, entry->where, "domain is missing");
    if (!entry->rule.server.p)
        return refuse(r, entry->where, "server is missing");
    if (add_entry(r, entry, &why) < 0)
        return refuse(r, entry->where, why.detail);
    r->entry = (struct entry){0};
    return 0;
}

/* "domains.3.server": the entry's path, and the member's name. -1: neither a section nor an entry
 * of one. */
static int split(struct str key, struct str *ret_path, int *ret_section, struct str *ret_member)
{
    struct str section, rest, number;
    int64_t n;
    str_cut(key, '.', &section, &rest);
    *ret_section = str_eq(section, STR("addresses")) ? SECTION_ADDRESS
                   : str_eq(section, STR("domains")) ? SECTION_DOMAIN
                   : str_eq(section, STR("default")) ? SECTION_DEFAULT
                                                     : -1;
    if (*ret_section < 0)
        return -1;
    *ret_path = section;
    *ret_member = rest;
    if (*ret_section == SECTION_DEFAULT)
        return rest.n ? 0 : -1;
    if (!str_cut(rest, '.', &number, ret_member) || str_parse_uint(number, &n) < 0)
        return -1;
    *ret_path = str_first(key, section.n + 1 + number.n);
    return 0;
}

static int put_once(struct reading *r, const struct setting *setting, struct str *to)
{
    if (to->p)
        return refuse(r, setting->where, "a member stands there twice");
    *to = setting->value;
    return 0;
}

static int put_external(struct reading *r, const struct setting *setting)
{
    struct entry *entry = &r->entry;
    if (entry->external_given)
        return refuse(r, setting->where, "a member stands there twice");
    entry->external_given = true;
    entry->rule.external = str_eq(setting->value, STR("true"));
    if (!entry->rule.external && !str_eq(setting->value, STR("false")))
        return refuse(r, setting->where, "external: true or false is wanted");
    return 0;
}

static int put_member(struct reading *r, const struct setting *setting, struct str member)
{
    struct entry *entry = &r->entry;
    if (str_eq(member, STR("server")))
        return put_once(r, setting, &entry->rule.server);
    if (str_eq(member, STR("organisation")))
        return put_once(r, setting, &entry->rule.organisation);
    if (str_eq(member, STR("external")))
        return put_external(r, setting);
    if (str_eq(member, STR("address")) && entry->section == SECTION_ADDRESS)
        return put_once(r, setting, &entry->subject);
    if (str_eq(member, STR("domain")) && entry->section == SECTION_DOMAIN)
        return put_once(r, setting, &entry->subject);
    return refuse(r, setting->where, "no such member");
}

static int put(struct reading *r, const struct setting *setting)
{
    struct str path, member;
    int section;
    bool is_section =
        str_eq(setting->key, STR("addresses")) || str_eq(setting->key, STR("domains"));
    if (is_section && (setting->is_list || setting->value.n == 0))
        return 0;
    if (setting->is_list || split(setting->key, &path, &section, &member) < 0)
        return refuse(r, setting->where,
                      "addresses and domains are lists of mappings, default is a mapping");
    if (!str_eq(path, r->entry.path)) {
        if (close_entry(r) < 0)
            return -1;
        if (section == SECTION_DEFAULT && r->default_given)
            return refuse(r, setting->where, "default stands there twice");
        r->default_given = r->default_given || section == SECTION_DEFAULT;
        r->entry = (struct entry){.path = path, .where = setting->where, .section = section};
    }
    return put_member(r, setting, member);
}

/* ---- files ---- */

static int read_settings(const struct settings *settings, struct domain_map *map, struct err *err)
{
    struct reading r = {.map = map, .err = err};
    for (size_t i = 0; i < settings->n; i++)
        if (put(&r, &settings->p[i]) < 0)
            return -1;
    return close_entry(&r);
}

int domain_file_parse(struct str text, const char *name, struct domain_map **ret_map,
                      struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct settings settings;
    settings_init(&settings, arena);
    if (settings_add_yaml(&settings, text, name, err) < 0)
        return -1;
    struct domain_map *map = domain_map_new();
    if (read_settings(&settings, map, err) < 0) {
        domain_map_unref(map);
        return -1;
    }
    *ret_map = map;
    return 0;
}

int domain_file_read(const char *path, struct domain_map **ret_map, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct str text;
    if (file_read(arena, path, LIMIT_CONFIG_BYTES, &text, err) < 0)
        return -1;
    return domain_file_parse(text, path, ret_map, err);
}

/* ---- serving ---- */

static int read_again(void *arg, struct domain_map **ret_map, struct err *err)
{
    const struct config *config = arg;
    return domain_file_read(config->domains.p, ret_map, err);
}

int domain_file_serve(struct server *server, const struct config *config, struct err *err)
{
    if (!config->domains.p)
        return 0;
    return identity_set_reader(server, read_again, (void *)(uintptr_t)config, err);
}
