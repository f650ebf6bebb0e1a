/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/appservice_file.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "bin/settings.h"
#include "matrix/id.h"

enum { SPACE_USERS, SPACE_ALIASES, SPACE_ROOMS, SPACE_COUNT };

static const struct str spaces[] = {
    [SPACE_USERS] = STR_INIT("users"),
    [SPACE_ALIASES] = STR_INIT("aliases"),
    [SPACE_ROOMS] = STR_INIT("rooms"),
};

/* One namespace while its members are read. */
struct entry {
    struct str path; /* "namespaces.users.3"; STR_NONE: none is open */
    struct str where;
    int space;
    bool has_exclusive, exclusive;
    struct str regex;
};

struct reading {
    struct arena *arena;
    struct appservice *as;
    struct entry entry;
    VEC(struct appservice_namespace) namespaces[SPACE_COUNT];
    VEC(struct str) protocols;
    bool has_url, has_rate_limited, has_ephemeral, has_devices;
    struct err *err;
};

static int refuse(struct reading *r, struct str where, const char *why)
{
    return err_internal(r->err, "%.*s: %s", STR_ARG(where), why);
}

/* ---- values ---- */

static int put_text(struct reading *r, const struct setting *setting, struct str *to)
{
    if (to->p)
        return refuse(r, setting->where, "a member stands there twice");
    if (!setting->value.n)
        return refuse(r, setting->where, "is empty");
    *to = arena_printf(r->arena, "%.*s%c", STR_ARG(setting->value), 0);
    to->n--;
    return 0;
}

static int put_switch(struct reading *r, const struct setting *setting, bool *has, bool *to)
{
    if (*has)
        return refuse(r, setting->where, "a member stands there twice");
    *has = true;
    *to = str_eq(setting->value, STR("true"));
    return *to || str_eq(setting->value, STR("false"))
               ? 0
               : refuse(r, setting->where, "true or false is wanted");
}

static int put_url(struct reading *r, const struct setting *setting)
{
    struct str url = setting->value, host, path;
    if (r->has_url)
        return refuse(r, setting->where, "a member stands there twice");
    r->has_url = true;
    if (!url.n || str_eq(url, STR("null")) || str_eq(url, STR("~")))
        return 0;
    bool https = str_starts(url, STR("https://"));
    str_cut(str_skip(url, https ? 8 : 7), '/', &host, &path);
    if ((!https && !str_starts(url, STR("http://"))) || !server_name_is_valid(host) ||
        str_find(url, '?') >= 0 || str_find(url, '#') >= 0)
        return refuse(r, setting->where,
                      "url must be http://HOST[:PORT][/PATH], https://… or null");
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= 0x20 || url.p[i] >= 0x7f)
            return refuse(r, setting->where, "url holds what is no printable ASCII");
    if (str_ends(url, STR("/")))
        url = str_first(url, url.n - 1);
    r->as->url = arena_printf(r->arena, "%.*s%c", STR_ARG(url), 0);
    r->as->url.n--;
    return 0;
}

static int put_protocol(struct reading *r, const struct setting *setting)
{
    if (!setting->value.n || r->protocols.n >= LIMIT_APPSERVICE_PROTOCOLS)
        return refuse(r, setting->where, "a protocol is a word, and there are few");
    ARENA_VEC_ADD(r->arena, &r->protocols, arena_str(r->arena, setting->value));
    return 0;
}

/* ---- namespaces ---- */

static int close_entry(struct reading *r)
{
    struct entry *entry = &r->entry;
    struct appservice_namespace made = {.exclusive = entry->exclusive};
    struct err why = ERR_INIT;
    if (!entry->path.p)
        return 0;
    if (!entry->regex.p)
        return refuse(r, entry->where, "regex is missing");
    if (!entry->has_exclusive)
        return refuse(r, entry->where, "exclusive is missing");
    if (r->namespaces[entry->space].n >= LIMIT_APPSERVICE_NAMESPACES)
        return refuse(r, entry->where, "there are too many namespaces");
    if (pattern_parse(r->arena, entry->regex, &made.pattern, &why) < 0)
        return err_internal(r->err, "%.*s: regex: %s", STR_ARG(entry->where), why.detail);
    ARENA_VEC_ADD(r->arena, &r->namespaces[entry->space], made);
    *entry = (struct entry){0};
    return 0;
}

/* "namespaces.users.3.regex" */
static int put_namespace(struct reading *r, const struct setting *setting, struct str rest)
{
    struct str space, number, member;
    int64_t n;
    int found = -1;
    str_cut(rest, '.', &space, &rest);
    for (int i = 0; i < SPACE_COUNT; i++)
        if (str_eq(space, spaces[i]))
            found = i;
    if (found < 0)
        return refuse(r, setting->where, "namespaces are users, aliases and rooms");
    if (!rest.n)
        return setting->is_list || !setting->value.n
                   ? 0
                   : refuse(r, setting->where, "a list of namespaces is wanted");
    if (!str_cut(rest, '.', &number, &member) || str_parse_uint(number, &n) < 0)
        return refuse(r, setting->where, "a namespace is a mapping of regex and exclusive");
    struct str path = str_first(setting->key, setting->key.n - member.n - 1);
    if (!str_eq(path, r->entry.path)) {
        if (close_entry(r) < 0)
            return -1;
        r->entry = (struct entry){.path = path, .where = setting->where, .space = found};
    }
    if (str_eq(member, STR("regex")))
        return put_text(r, setting, &r->entry.regex);
    if (str_eq(member, STR("exclusive")))
        return put_switch(r, setting, &r->entry.has_exclusive, &r->entry.exclusive);
    if (str_eq(member, STR("group_id")))
        return 0; /* of communities, which are no more */
    return refuse(r, setting->where,
                  "no such member of a namespace: regex and exclusive are known");
}

/* ---- a file ---- */

/* What some generators write, and what asks for nothing that is not served here. */
static bool is_passed_over(struct str key)
{
    static const struct str keys[] = {
        STR_INIT("de.sorunome.msc2409.push_ephemeral"),
        STR_INIT("push_ephemeral"),
        STR_INIT("io.element.msc4190"),
        STR_INIT("soru.use_legacy"),
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_eq(key, keys[i]))
            return true;
    return false;
}

static int put(struct reading *r, const struct setting *setting)
{
    struct appservice *as = r->as;
    struct str first, rest;
    bool nested = str_cut(setting->key, '.', &first, &rest);
    if (str_eq(first, STR("namespaces")))
        return nested ? put_namespace(r, setting, rest)
                      : refuse(r, setting->where, "namespaces is a mapping");
    if (str_eq(first, STR("protocols")) && (nested || setting->is_list))
        return nested ? put_protocol(r, setting) : 0;
    if (is_passed_over(setting->key))
        return 0;
    if (str_eq(setting->key, STR("org.matrix.msc3202")))
        return put_switch(r, setting, &r->has_devices, &as->follows_devices);
    if (nested || setting->is_list)
        return refuse(r, setting->where, "no such member");
    if (str_eq(first, STR("id")))
        return put_text(r, setting, &as->id);
    if (str_eq(first, STR("url")))
        return put_url(r, setting);
    if (str_eq(first, STR("as_token")))
        return put_text(r, setting, &as->as_token);
    if (str_eq(first, STR("hs_token")))
        return put_text(r, setting, &as->hs_token);
    if (str_eq(first, STR("sender_localpart")))
        return put_text(r, setting, &as->sender_localpart);
    if (str_eq(first, STR("rate_limited")))
        return put_switch(r, setting, &r->has_rate_limited, &as->rate_limited);
    if (str_eq(first, STR("receive_ephemeral")))
        return put_switch(r, setting, &r->has_ephemeral, &as->receive_ephemeral);
    return refuse(r, setting->where, "no such member");
}

static bool is_token(struct str token)
{
    bool ok = token.n >= 16 && token.n <= 255;
    for (size_t i = 0; ok && i < token.n; i++)
        ok = token.p[i] > 0x20 && token.p[i] < 0x7f;
    return ok;
}

static int check(struct reading *r, const char *name, struct str server_name)
{
    struct appservice *as = r->as;
    struct user_id sender;
    struct err why = ERR_INIT;
    struct str file = str_from(name);
    if (!as->id.p || as->id.n > LIMIT_APPSERVICE_ID)
        return refuse(r, file, "id is missing, or longer than 255 bytes");
    if (!r->has_url)
        return refuse(r, file, "url is missing: null where nothing is to be sent");
    if (!as->as_token.p || !is_token(as->as_token))
        return refuse(r, file, "as_token: 16 to 255 printable characters are wanted, at random");
    if (!as->hs_token.p || !is_token(as->hs_token))
        return refuse(r, file, "hs_token: 16 to 255 printable characters are wanted, at random");
    if (str_eq(as->as_token, as->hs_token))
        return refuse(r, file, "as_token and hs_token are the same");
    if (!as->sender_localpart.p)
        return refuse(r, file, "sender_localpart is missing");
    if (user_id_make(r->arena, as->sender_localpart, server_name, &sender, &why) < 0)
        return refuse(r, file, "sender_localpart is no local part of a user id");
    as->sender = sender.full;
    return 0;
}

static int read_settings(struct reading *r, const struct settings *settings)
{
    for (size_t i = 0; i < settings->n; i++)
        if (put(r, &settings->p[i]) < 0)
            return -1;
    return close_entry(r);
}

static void take_lists(struct reading *r)
{
    struct appservice_namespaces *to[] = {&r->as->users, &r->as->aliases, &r->as->rooms};
    for (int i = 0; i < SPACE_COUNT; i++)
        *to[i] = (struct appservice_namespaces){r->namespaces[i].p, r->namespaces[i].n};
    r->as->protocols = r->protocols.p;
    r->as->n_protocols = r->protocols.n;
}

int appservice_file_parse(struct arena *arena, struct str text, const char *name,
                          struct str server_name, struct appservice *ret_as, struct err *err)
{
    struct appservice as = {.rate_limited = true};
    struct reading r = {.arena = arena, .as = &as, .err = err};
    struct settings settings;
    settings_init(&settings, arena);
    if (settings_add_yaml(&settings, text, name, err) < 0)
        return -1;
    int status = read_settings(&r, &settings);
    take_lists(&r);
    if (status < 0 || check(&r, name, server_name) < 0)
        return -1;
    *ret_as = as;
    return 0;
}

/* ---- all of them ---- */

static int check_apart(const struct appservice *as, const struct appservice *others, size_t n,
                       struct str path, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *same = str_eq(others[i].id, as->id)               ? "id"
                           : str_eq(others[i].as_token, as->as_token) ? "as_token"
                           : str_eq(others[i].sender, as->sender)     ? "sender_localpart"
                                                                      : NULL;
        if (same)
            return err_internal(err, "%.*s: %s is that of another registration", STR_ARG(path),
                                same);
    }
    return 0;
}

static int read_one(struct arena *arena, struct str path, struct config *config,
                    struct appservice *all, struct err *err)
{
    struct str name = arena_printf(arena, "%.*s%c", STR_ARG(path), 0), text;
    struct appservice *as = &all[config->n_appservices];
    if (file_read_secret(arena, name.p, LIMIT_CONFIG_BYTES, &text, err) < 0 ||
        appservice_file_parse(arena, text, name.p, config->server_name, as, err) < 0 ||
        check_apart(as, all, config->n_appservices, path, err) < 0)
        return -1;
    config->n_appservices++;
    return 0;
}

int appservice_files_read(struct arena *arena, struct str paths, struct config *config,
                          struct err *err)
{
    struct appservice *all = ARENA_NEW_N(arena, LIMIT_APPSERVICES, struct appservice);
    struct str path;
    config->appservices = all;
    config->n_appservices = 0;
    while (paths.n) {
        str_cut(paths, ',', &path, &paths);
        if (config->n_appservices == LIMIT_APPSERVICES)
            return err_internal(err, "appservices: more than %d files", LIMIT_APPSERVICES);
        if (read_one(arena, str_trim(path), config, all, err) < 0)
            return -1;
    }
    return 0;
}
