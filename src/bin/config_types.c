/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config_types.h"

#include <arpa/inet.h>
#include <limits.h>
#include <unistd.h>

#include "bin/config_keys.h"
#include "matrix/email.h"
#include "matrix/id.h"
#include "matrix/room_version.h"
#include "net/dial.h"
#include "net/networks.h"
#include "net/s3.h"
#include "service/config.h"

static int wrong(const char **ret_why, const char *why)
{
    *ret_why = why;
    return -1;
}

static int put_text(struct arena *arena, struct str text, void *to)
{
    *(struct str *)to = arena_str(arena, text);
    return 0;
}

static struct str absolute(struct arena *arena, struct str path)
{
    char directory[PATH_MAX];
    if (str_starts(path, STR("/")) || !getcwd(directory, sizeof directory))
        return arena_str(arena, path);
    return arena_printf(arena, "%s/%.*s", directory, STR_ARG(path));
}

/* ---- plain kinds ---- */

static int parse_text(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    (void)key;
    return text.n ? put_text(arena, text, to) : wrong(ret_why, "is empty");
}

static int parse_path(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    (void)key;
    if (text.n == 0)
        return wrong(ret_why, "is empty: a path is wanted");
    *(struct str *)to = absolute(arena, text);
    return 0;
}

static int parse_switch(struct arena *arena, const struct config_key *key, struct str text,
                        void *to, const char **ret_why)
{
    (void)arena;
    (void)key;
    bool on = str_eq(text, STR("on")) || str_eq(text, STR("true")) || str_eq(text, STR("yes"));
    bool off = str_eq(text, STR("off")) || str_eq(text, STR("false")) || str_eq(text, STR("no"));
    if (!on && !off)
        return wrong(ret_why, "must be on or off");
    *(bool *)to = on;
    return 0;
}

static int parse_off(struct arena *arena, const struct config_key *key, struct str text, void *to,
                     const char **ret_why)
{
    bool on = true;
    if (parse_switch(arena, key, text, &on, ret_why) < 0 || on)
        return wrong(ret_why, key->words_why);
    *(bool *)to = false;
    return 0;
}

static int parse_word(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    (void)arena;
    struct str rest = str_from(key->words), word;
    for (int i = 0; rest.n; i++) {
        str_cut(rest, '|', &word, &rest);
        if (!str_eq(text, word))
            continue;
        *(int *)to = i; /* an enum of non-negative values has this size in our ABI */
        return 0;
    }
    return wrong(ret_why, key->words_why);
}

static int parse_number(const struct config_key *key, struct str text, int64_t *ret_value,
                        const char **ret_why)
{
    if (str_parse_uint(text, ret_value) < 0)
        return wrong(ret_why, "must be a whole number");
    if (*ret_value < key->least || *ret_value > key->most)
        return wrong(ret_why, "is out of range (see chappe config schema)");
    return 0;
}

static int parse_count(struct arena *arena, const struct config_key *key, struct str text, void *to,
                       const char **ret_why)
{
    int64_t value;
    (void)arena;
    if (parse_number(key, text, &value, ret_why) < 0)
        return -1;
    *(unsigned *)to = (unsigned)value;
    return 0;
}

static int parse_rate(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    int64_t value;
    (void)arena;
    if (parse_number(key, text, &value, ret_why) < 0)
        return -1;
    *(double *)to = (double)value / 60.0;
    return 0;
}

static int parse_burst(struct arena *arena, const struct config_key *key, struct str text, void *to,
                       const char **ret_why)
{
    int64_t value;
    (void)arena;
    if (parse_number(key, text, &value, ret_why) < 0)
        return -1;
    *(double *)to = (double)value;
    return 0;
}

struct unit {
    struct str name;
    int64_t factor;
};

/* A whole number, perhaps a blank, perhaps a unit. */
static int parse_with_unit(const struct config_key *key, struct str text, const struct unit *units,
                           size_t n_units, int64_t *ret_value, const char **ret_why,
                           const char *why)
{
    size_t digits = 0;
    int64_t value, factor = 0;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    struct str unit = str_skip(text, digits);
    if (str_starts(unit, STR(" ")))
        unit = str_skip(unit, 1);
    for (size_t i = 0; i < n_units; i++)
        if (str_eq(unit, units[i].name))
            factor = units[i].factor;
    if (!factor || str_parse_uint(str_first(text, digits), &value) < 0)
        return wrong(ret_why, why);
    if (value > key->most / factor || value * factor < key->least)
        return wrong(ret_why, "is out of range (see chappe config schema)");
    *ret_value = value * factor;
    return 0;
}

static int parse_size(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    static const struct unit units[] = {
        {STR_INIT(""), 1},          {STR_INIT("B"), 1},         {STR_INIT("KiB"), 1 << 10},
        {STR_INIT("MiB"), 1 << 20}, {STR_INIT("GiB"), 1 << 30},
    };
    (void)arena;
    return parse_with_unit(key, text, units, ARRAY_LEN(units), to, ret_why,
                           "must be a number of bytes, as 4096 or 100 MiB");
}

static int parse_duration(struct arena *arena, const struct config_key *key, struct str text,
                          void *to, const char **ret_why)
{
    static const struct unit units[] = {
        {STR_INIT("ms"), 1},          {STR_INIT("s"), 1000},     {STR_INIT("m"), 60 * 1000},
        {STR_INIT("h"), 3600 * 1000}, {STR_INIT("d"), 86400000},
    };
    (void)arena;
    if (key->least == 0 && str_eq(text, STR("0"))) {
        *(int64_t *)to = 0;
        return 0;
    }
    return parse_with_unit(key, text, units, ARRAY_LEN(units), to, ret_why,
                           "must be a duration, as 30s, 5m, 12h or 30d");
}

static bool is_ip(struct str text)
{
    char z[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (text.n >= sizeof z || str_find(text, 0) >= 0)
        return false;
    for (size_t i = 0; i < text.n; i++)
        z[i] = text.p[i];
    z[text.n] = 0;
    return inet_pton(AF_INET, z, bytes) == 1 || inet_pton(AF_INET6, z, bytes) == 1;
}

/* "127.0.0.1:8008", "[::1]:8008". */
static int parse_address(struct arena *arena, const struct config_key *key, struct str text,
                         void *to, const char **ret_why)
{
    static const char why[] = "must be ADDR:PORT, as 127.0.0.1:8008 or [::1]:8008";
    struct config_listen *listen = to;
    struct str address, port;
    int64_t number;
    (void)key;
    if (str_starts(text, STR("["))) {
        if (!str_cut(str_skip(text, 1), ']', &address, &port) || !str_starts(port, STR(":")) ||
            str_find(address, ':') < 0)
            return wrong(ret_why, why);
        port = str_skip(port, 1);
    } else if (!str_cut(text, ':', &address, &port)) {
        return wrong(ret_why, why);
    }
    if (!is_ip(address) || str_parse_uint(port, &number) < 0 || number > 65535)
        return wrong(ret_why, why);
    listen->address = arena_str(arena, address);
    listen->port = (int)number;
    return 0;
}

/* ---- kinds of the field ---- */

static int parse_server_name(struct arena *arena, const struct config_key *key, struct str text,
                             void *to, const char **ret_why)
{
    (void)key;
    if (!server_name_is_valid(text))
        return wrong(ret_why, "is not a Matrix server name, as interieur.example or host:8448");
    return put_text(arena, text, to);
}

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= 0x20 || text.p[i] == 0x7f)
            return false;
    return true;
}

static int parse_url(struct arena *arena, const struct config_key *key, struct str text, void *to,
                     const char **ret_why)
{
    static const char why[] = "must be a base URL, as https://matrix.interieur.example";
    struct str rest = str_skip(text, str_starts(text, STR("https://")) ? 8 : 7);
    struct str host, path;
    (void)key;
    if (!str_starts(text, STR("https://")) && !str_starts(text, STR("http://")))
        return wrong(ret_why, why);
    if (str_ends(rest, STR("/")))
        text = str_first(text, text.n - 1), rest = str_first(rest, rest.n - 1);
    str_cut(rest, '/', &host, &path);
    if (!server_name_is_valid(host) || !is_printable(path) || str_find(rest, '?') >= 0 ||
        str_find(rest, '#') >= 0 || str_ends(rest, STR("/")))
        return wrong(ret_why, why);
    return put_text(arena, text, to);
}

static int parse_host(struct arena *arena, const struct config_key *key, struct str text, void *to,
                      const char **ret_why)
{
    (void)key;
    if (!server_name_is_valid(text))
        return wrong(ret_why, "is not a host name");
    return put_text(arena, text, to);
}

static int parse_database(struct arena *arena, const struct config_key *key, struct str text,
                          void *to, const char **ret_why)
{
    (void)key;
    if (str_starts(text, STR("postgresql://")) || str_starts(text, STR("postgres://")))
        return put_text(arena, text, to);
    if (!str_starts(text, STR("sqlite:")) || text.n == 7)
        return wrong(ret_why, "must be sqlite:PATH or postgresql://HOST/NAME");
    struct str path = absolute(arena, str_skip(text, 7));
    *(struct str *)to = arena_printf(arena, "sqlite:%.*s", STR_ARG(path));
    return 0;
}

static int parse_media_store(struct arena *arena, const struct config_key *key, struct str text,
                             void *to, const char **ret_why)
{
    (void)key;
    struct s3_place place;
    if (str_starts(text, STR("s3:")))
        return s3_place_parse(str_skip(text, 3), &place) == 0
                   ? put_text(arena, text, to)
                   : wrong(ret_why, "s3:https://HOST[:PORT]/BUCKET[/PREFIX] is wanted");
    if (!str_starts(text, STR("path:")) || text.n == 5)
        return wrong(ret_why, "must be path:DIR or s3:https://HOST[:PORT]/BUCKET[/PREFIX]");
    *(struct str *)to =
        arena_printf(arena, "path:%.*s", STR_ARG(absolute(arena, str_skip(text, 5))));
    return 0;
}

static int parse_scanner(struct arena *arena, const struct config_key *key, struct str text,
                         void *to, const char **ret_why)
{
    (void)key;
    if (!str_eq(text, STR("none")) &&
        (!str_starts(text, STR("clamd:")) || dial_check(str_skip(text, 6)) < 0))
        return wrong(ret_why, "must be clamd:unix:PATH (absolute, at most 107 bytes), "
                              "clamd:tcp:HOST:PORT or none");
    return put_text(arena, text, to);
}

/* A URL of the mail server: libcurl reads it too, so it is kept to what both understand alike. */
static bool is_mail_server(struct str text)
{
    struct str rest = str_skip(text, str_starts(text, STR("smtps:")) ? 8 : 7), user, host;
    if (!str_cut(rest, '@', &user, &host))
        host = rest;
    else if (!user.n)
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '/' || rest.p[i] == '?' || rest.p[i] == '#' || rest.p[i] == '\\')
            return false;
    return server_name_is_valid(host) && is_printable(rest);
}

static int parse_mail_transport(struct arena *arena, const struct config_key *key, struct str text,
                                void *to, const char **ret_why)
{
    (void)key;
    if (str_starts(text, STR("smtp://")) || str_starts(text, STR("smtps://")))
        return is_mail_server(text)
                   ? put_text(arena, text, to)
                   : wrong(ret_why, "smtp://[USER:PASSWORD@]HOST[:PORT] is wanted, with %XX for "
                                    "what is not a letter or a digit in USER and PASSWORD");
    if (!str_starts(text, STR("file:")) || text.n == 5)
        return wrong(ret_why, "must be file:DIR, smtp://… or smtps://…");
    *(struct str *)to =
        arena_printf(arena, "file:%.*s", STR_ARG(absolute(arena, str_skip(text, 5))));
    return 0;
}

static int parse_email(struct arena *arena, const struct config_key *key, struct str text, void *to,
                       const char **ret_why)
{
    struct email email;
    struct err err = ERR_INIT;
    (void)key;
    if (email_parse(arena, text, &email, &err) < 0)
        return wrong(ret_why, "is not an e-mail address");
    return put_text(arena, email.full, to);
}

/* What copied configurations and documentation say, in any case. */
static bool is_well_known(struct str text)
{
    static const char *const words[] = {
        "changeme", "change_me",        "change-me",     "secret",
        "password", "motdepasse",       "shared_secret", "registration_shared_secret",
        "example",  "default",          "test",          "admin",
        "chappe",   "matrix",           "synapse",       "unsecure",
        "insecure", "your_secret_here", "replace_me",    "placeholder",
    };
    bool same = true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_nocase(text, str_from(words[i])))
            return true;
    for (size_t i = 1; i < text.n; i++)
        same = same && text.p[i] == text.p[0];
    return same;
}

#define SECRET_BYTES_MIN 16

static int parse_secret(struct arena *arena, const struct config_key *key, struct str text,
                        void *to, const char **ret_why)
{
    (void)key;
    if (text.n == 0)
        return wrong(ret_why, "is empty: leave it out, or set a random secret");
    if (is_well_known(text))
        return wrong(ret_why, "is a well-known example: set a random secret");
    if (text.n < SECRET_BYTES_MIN)
        return wrong(ret_why, "is too short: 16 bytes at least, drawn at random");
    return put_text(arena, text, to);
}

static int parse_room_version(struct arena *arena, const struct config_key *key, struct str text,
                              void *to, const char **ret_why)
{
    (void)key;
    if (!room_version_find(text))
        return wrong(ret_why, "is not a room version this server makes (3 to 12)");
    return put_text(arena, text, to);
}

static int parse_addresses(struct arena *arena, const struct config_key *key, struct str text,
                           void *to, const char **ret_why)
{
    struct str rest = text, one;
    (void)key;
    while (rest.n) {
        bool more = str_cut(rest, ',', &one, &rest);
        if (!is_ip(one) || (more && rest.n == 0))
            return wrong(ret_why, "must be IP addresses with commas between, without blanks");
    }
    *(struct str *)to = text.n ? arena_str(arena, text) : STR_NONE;
    return 0;
}

/* RFC 7065. */
static bool is_turn_uri(struct str uri)
{
    struct str host, query;
    if (!str_starts(uri, STR("turn:")) && !str_starts(uri, STR("turns:")))
        return false;
    bool has_query =
        str_cut(str_skip(uri, str_starts(uri, STR("turns:")) ? 6 : 5), '?', &host, &query);
    return server_name_is_valid(host) && (!has_query || str_eq(query, STR("transport=udp")) ||
                                          str_eq(query, STR("transport=tcp")));
}

static int parse_turn_uris(struct arena *arena, const struct config_key *key, struct str text,
                           void *to, const char **ret_why)
{
    struct str rest = text, uri;
    bool more = true;
    (void)key;
    while (more) {
        more = str_cut(rest, ',', &uri, &rest);
        if (!is_turn_uri(str_trim(uri)))
            return wrong(ret_why, "must be turn:HOST[:PORT] or turns:HOST[:PORT], with ?transport= "
                                  "udp or tcp behind or without, and commas between");
    }
    return put_text(arena, text, to);
}

static int parse_localpart(struct arena *arena, const struct config_key *key, struct str text,
                           void *to, const char **ret_why)
{
    struct err err = ERR_INIT;
    (void)key;
    if (user_localpart_check(text, STR("localhost"), &err) < 0)
        return wrong(ret_why, "is not a local part: a-z 0-9 . _ = - / + are wanted");
    return put_text(arena, text, to);
}

static int parse_networks(struct arena *arena, const struct config_key *key, struct str text,
                          void *to, const char **ret_why)
{
    struct networks networks;
    (void)key;
    if (networks_parse(text, &networks) < 0 || !networks.n)
        return wrong(ret_why, "must be addresses and networks with commas between, as "
                              "10.1.0.0/16,192.0.2.7 (32 at most)");
    return put_text(arena, text, to);
}

const struct config_type config_type_localpart = {"local part", parse_localpart};
const struct config_type config_type_turn_uris = {"TURN servers", parse_turn_uris};
const struct config_type config_type_text = {"text", parse_text};
const struct config_type config_type_path = {"path", parse_path};
const struct config_type config_type_switch = {"on|off", parse_switch};
const struct config_type config_type_off = {"off", parse_off};
const struct config_type config_type_word = {"word", parse_word};
const struct config_type config_type_count = {"count", parse_count};
const struct config_type config_type_size = {"size", parse_size};
const struct config_type config_type_duration = {"duration", parse_duration};
const struct config_type config_type_rate = {"per minute", parse_rate};
const struct config_type config_type_burst = {"burst", parse_burst};
const struct config_type config_type_address = {"ADDR:PORT", parse_address};
const struct config_type config_type_server_name = {"server name", parse_server_name};
const struct config_type config_type_url = {"URL", parse_url};
const struct config_type config_type_host = {"host", parse_host};
const struct config_type config_type_database = {"database", parse_database};
const struct config_type config_type_media_store = {"media store", parse_media_store};
const struct config_type config_type_scanner = {"scanner", parse_scanner};
const struct config_type config_type_mail_transport = {"mail transport", parse_mail_transport};
const struct config_type config_type_email = {"e-mail address", parse_email};
const struct config_type config_type_secret = {"secret", parse_secret};
const struct config_type config_type_room_version = {"room version", parse_room_version};
const struct config_type config_type_addresses = {"addresses", parse_addresses};
const struct config_type config_type_networks = {"networks", parse_networks};
